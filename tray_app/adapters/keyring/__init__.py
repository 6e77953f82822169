"""The system's keyring, asked in a child process."""
