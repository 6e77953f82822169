"""What holds for all tests."""

import signal

from hypothesis import settings

# A test run that a script has started in the background ignores Ctrl-C, and so would every program that a test starts.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# How long one example takes says how busy the machine is. What must be quick has a limit of its own.
settings.register_profile("any speed", deadline=None)
settings.load_profile("any speed")
