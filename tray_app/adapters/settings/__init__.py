"""The settings file, and what of it can be passed on."""
