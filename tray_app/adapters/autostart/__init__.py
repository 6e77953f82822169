"""Starting with the session, on each system."""
