"""The driven adapters: everything outside the process except Qt, behind the ports of `core`."""
