"""Real desktop parts without a screen, and doubles for what real ones cannot be told to do."""
