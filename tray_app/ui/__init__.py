"""The tray and its windows: passive views over Qt that render one frozen value."""
