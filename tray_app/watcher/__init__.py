"""The application service: one background thread per server with an inbox, which owns all HTTP of that server."""

from tray_app.watcher.orders import Connect, Order, Pace, PollNow, Rename, Update
from tray_app.watcher.watcher import Watcher

__all__ = ["Connect", "Order", "Pace", "PollNow", "Rename", "Update", "Watcher"]
