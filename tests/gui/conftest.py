"""Qt without a screen, for this folder only; set before the first import of Qt."""

import os

os.environ["QT_QPA_PLATFORM"] = "offscreen"
