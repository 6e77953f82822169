"""The composition root of the tray: makes adapters, watchers and views, connects them, takes them down again.

Threads: Qt's main thread, one watcher per server, and short-lived ones for the keyring, files and tests. Nothing
that can wait is done on the main thread.
"""
