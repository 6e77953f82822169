"""The smallest tray program there is: an icon and a menu. What every tray built on PySide6 costs at least."""

import sys

from PySide6.QtGui import QIcon, QPixmap
from PySide6.QtWidgets import QApplication, QMenu, QSystemTrayIcon

app = QApplication(sys.argv)
app.setApplicationName("bare-tray")
app.setQuitOnLastWindowClosed(False)
picture = QPixmap(22, 22)
picture.fill("#c62828")
tray = QSystemTrayIcon(QIcon(picture))
tray.setToolTip("bare")


def turn_green() -> None:
    """Change the icon."""
    picture.fill("#2e7d32")
    tray.setIcon(QIcon(picture))


menu = QMenu()
menu.addAction("Say so", lambda: tray.showMessage("A message", "from the bare tray"))
menu.addAction("Turn green", turn_green)
menu.addAction("Quit", app.quit)
tray.setContextMenu(menu)
tray.show()
sys.exit(app.exec())
