"""The pages of the settings window that are about notifications and about how the tray behaves."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QFormLayout,
    QLabel,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from tray_app.core.icon_look import IconChoice
from tray_app.core.options import Option, option
from tray_app.core.quiet_hours import EXAMPLE, BadQuietHours, parse_quiet_hours
from tray_app.core.settings import Settings
from tray_app.ui.settings_autostart import AutostartSwitch
from tray_app.ui.settings_entries import Entry, OptionEntries
from tray_app.ui.settings_field import Field, hint_label

_ICONS = {
    IconChoice.AUTOMATIC: "Automatic",
    IconChoice.COLOUR: "Coloured",
    IconChoice.LIGHT: "Light, for dark panels",
    IconChoice.DARK: "Dark, for light panels",
}


class NotificationsPage(QWidget):
    """What is announced, and when nothing is."""

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        self.finished = QCheckBox("&Work is finished")
        self.failed = QCheckBox("A &job has failed")
        self.lost = QCheckBox("The server cannot be &reached any more")
        self.back = QCheckBox("The server is &back")
        self.cancel = QCheckBox("A cancel has en&ded")
        self.everybody = QCheckBox("Include the work of &other users")
        self.longer_than = _seconds("notifications.longer_than")
        self.quiet = Field("&Quiet hours", f"Such as {EXAMPLE}. A summary comes afterwards. Empty: never.")
        self.trouble_breaks_through = QCheckBox("&Tell of trouble even then")
        self.trouble_stays = QCheckBox("&Keep trouble on the screen")
        form = _form()
        form.addRow(_heading("Tell me when"))
        for box, hint in (
            (self.finished, ""),
            (self.failed, "Needs an account that may read the server's log (view_logs)."),
            (self.lost, ""),
            (self.back, ""),
            (self.cancel, ""),
        ):
            form.addRow(_explained(box, hint))
        form.addRow(_heading("About finished work"))
        form.addRow(_label("Only if it took &longer than", self.longer_than), self.longer_than)
        form.addRow(_explained(self.everybody, "Makes a difference only on a server with user accounts."))
        form.addRow(_heading("Peace and trouble"))
        # A form layout lets the label of something high hang lower than its entry.
        label = self.quiet.label
        label.setContentsMargins(0, (self.quiet.edit.sizeHint().height() - label.sizeHint().height()) // 2, 0, 0)
        label.setAlignment(Qt.AlignmentFlag.AlignTop)
        form.addRow(label, self.quiet)
        hint = "A failed job, a lost server, a refused key; also while you have snoozed notifications."
        form.addRow(_explained(self.trouble_breaks_through, hint))
        hint = "Marks the same as critical: most desktops then wait for a click, over full-screen programs too."
        form.addRow(_explained(self.trouble_stays, hint))
        _page(self, form)
        entries: dict[str, Entry] = {
            "notifications.finished": self.finished,
            "notifications.failed": self.failed,
            "notifications.lost": self.lost,
            "notifications.back": self.back,
            "notifications.cancel": self.cancel,
            "notifications.longer_than": self.longer_than,
            "notifications.everybody": self.everybody,
            "notifications.quiet_hours": self.quiet,
            "notifications.trouble_breaks_through": self.trouble_breaks_through,
            "notifications.trouble_stays": self.trouble_stays,
        }
        self.entries = OptionEntries(entries, settings)

    def check(self) -> Field | None:
        """Say what is wrong at its field and return it; None when all is well."""
        try:
            parse_quiet_hours(self.quiet.text)
        except BadQuietHours as error:
            self.quiet.set_error(str(error))
            return self.quiet
        return None


class BehaviourPage(QWidget):
    """How often servers are asked, when a cancel is confirmed, how the tray starts and looks, what is written down."""

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        self.busy = _seconds("polling.busy")
        self.idle = _seconds("polling.idle")
        self.timeout = _seconds("polling.timeout")
        minutes = _option("cancel.confirm_after_minutes")
        self.confirm = QSpinBox()
        self.confirm.setRange(int(minutes.least), int(minutes.most))
        self.confirm.setSuffix(" min")
        self.confirm.setSpecialValueText("Never")
        self.confirm.setAccelerated(True)
        self.prompts = QCheckBox("Keep &prompts in the activity log")
        self.icon = QComboBox()
        for choice, text in _ICONS.items():
            self.icon.addItem(text, choice.value)
        self.autostart = AutostartSwitch()
        form = _form()
        form.addRow(_heading("Asking the server"))
        form.addRow(_label("While it &works, every", self.busy), self.busy)
        form.addRow(_label("While it is &idle, every", self.idle), self.idle)
        form.addRow(_label("&Give up a request after", self.timeout), self.timeout)
        form.addRow(hint_label("A server that cannot be reached is asked ever less often, down to once a minute."))
        form.addRow(_heading("Cancelling"))
        form.addRow(_label("As&k first if work has run longer than", self.confirm), self.confirm)
        form.addRow(hint_label("Work that is, or may be, somebody else's is asked about in any case."))
        form.addRow(_heading("Tray"))
        form.addRow(self.autostart)
        form.addRow(_label("Colours of the ico&n", self.icon), self.icon)
        self.icon.setMaximumWidth(240)
        form.addRow(hint_label("Automatic can be seen on any panel; light and dark are of one colour."))
        form.addRow(_heading("Privacy"))
        form.addRow(
            _explained(self.prompts, "Messages about failed work may hold a prompt; without this they are left out.")
        )
        _page(self, form)
        entries: dict[str, Entry] = {
            "polling.busy": self.busy,
            "polling.idle": self.idle,
            "polling.timeout": self.timeout,
            "cancel.confirm_after_minutes": self.confirm,
            "tray.icon": self.icon,
            "activity.prompts": self.prompts,
        }
        self.entries = OptionEntries(entries, settings)


def _option(path: str) -> Option:
    found = option(path)
    if found is None:
        raise KeyError(path)
    return found


def _seconds(path: str) -> QDoubleSpinBox:
    wanted = _option(path)
    box = QDoubleSpinBox()
    box.setDecimals(0 if isinstance(wanted.default, int) else 1)
    box.setRange(wanted.least, wanted.most)
    box.setSuffix(" s")
    box.setStepType(QAbstractSpinBox.StepType.AdaptiveDecimalStepType)
    return box


def _explained(box: QCheckBox, hint: str) -> QWidget:
    if not hint:
        return box
    both = QWidget()
    layout = QVBoxLayout(both)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(2)
    layout.addWidget(box)
    label = hint_label(hint)
    # Under the text of the box, not under its mark.
    label.setIndent(box.iconSize().width() + 8)
    layout.addWidget(label)
    box.setAccessibleDescription(hint)
    return both


def _label(text: str, buddy: QWidget) -> QLabel:
    label = QLabel(text)
    label.setBuddy(buddy)
    buddy.setAccessibleName(text.replace("&", ""))
    buddy.setMaximumWidth(140)
    return label


def _heading(text: str) -> QLabel:
    label = QLabel(text)
    label.setTextFormat(Qt.TextFormat.PlainText)
    font = label.font()
    font.setBold(True)
    label.setFont(font)
    label.setContentsMargins(0, 10, 0, 2)
    return label


def _form() -> QFormLayout:
    form = QFormLayout()
    form.setVerticalSpacing(8)
    form.setHorizontalSpacing(12)
    return form


def _page(page: QWidget, form: QFormLayout) -> None:
    layout = QVBoxLayout(page)
    layout.setContentsMargins(16, 6, 16, 16)
    layout.addLayout(form)
    layout.addStretch()
