"""The bare tray with a thread that asks GetGlobalStatus by `http.client`: the least that polling can cost.

Arguments: port, session id, cookie ("" for none), seconds between two polls.
"""

import http.client
import json
import sys
import threading

from PySide6.QtGui import QIcon, QPixmap
from PySide6.QtWidgets import QApplication, QMenu, QSystemTrayIcon


def poll(port: int, session: str, cookie: str, every: float) -> None:
    """Ask for ever on one connection."""
    connection = http.client.HTTPConnection("127.0.0.1", port)
    body = json.dumps({"session_id": session})
    headers = {"Content-Type": "application/json"}
    if cookie:
        headers["Cookie"] = f"swarm_token={cookie}"
    pause = threading.Event()
    while True:
        connection.request("POST", "/API/GetGlobalStatus", body, headers)
        answer = json.loads(connection.getresponse().read())
        if "status" not in answer:
            sys.exit(f"no status: {answer}")
        pause.wait(every)


def main() -> int:
    """Show the tray and poll."""
    app = QApplication(sys.argv)
    app.setQuitOnLastWindowClosed(False)
    picture = QPixmap(22, 22)
    picture.fill("#c62828")
    tray = QSystemTrayIcon(QIcon(picture))
    menu = QMenu()
    menu.addAction("Quit", app.quit)
    tray.setContextMenu(menu)
    tray.show()
    arguments = (int(sys.argv[1]), sys.argv[2], sys.argv[3], float(sys.argv[4]))
    threading.Thread(target=poll, args=arguments, daemon=True).start()
    return int(app.exec())


if __name__ == "__main__":
    sys.exit(main())
