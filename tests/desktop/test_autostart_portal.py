"""The Flatpak portal for starting with the session: granting, refusing, dismissed, silent, absent."""

from enum import StrEnum
from pathlib import Path
from typing import Any

import pytest
from dbus_fast import Message, MessageType, Variant

from tests.desktop.rig.bus import Bus, plain
from tests.desktop.rig.desktop import Desktop
from tests.desktop.rig.waiting import Journal
from tray_app.adapters.autostart.command import Command
from tray_app.adapters.autostart.portal import PortalAutostart
from tray_app.core.errors import AutostartError

BACKGROUND = "org.freedesktop.portal.Background"
REQUEST = "org.freedesktop.portal.Request"


class Manner(StrEnum):
    """How the portal answers."""

    GRANTS = "grants"
    REFUSES = "refuses"
    DISMISSED = "dismissed"
    SILENT = "silent"
    HAS_NO_BACKGROUND = "has no background"


class PortalDouble:
    """A portal that writes the entry as the real one does, when it grants."""

    def __init__(self, bus: Bus, entry: Path, manner: Manner) -> None:
        self._entry = entry
        self._manner = manner
        self._connection = bus.connect()
        self.options: Journal[dict[str, Any]] = Journal()
        self._connection.listen(self._handle)
        self._connection.own("org.freedesktop.portal.Desktop")

    def _handle(self, message: Message) -> Message | None:
        if message.message_type is not MessageType.METHOD_CALL or message.interface != BACKGROUND:
            return None
        if self._manner is Manner.HAS_NO_BACKGROUND:
            return Message.new_error(message, "org.freedesktop.DBus.Error.UnknownMethod", "no such interface")
        options = plain(message.body[1])
        self.options.add(options)
        sender = str(message.sender).removeprefix(":").replace(".", "_")
        path = f"/org/freedesktop/portal/desktop/request/{sender}/{options['handle_token']}"
        if self._manner is not Manner.SILENT:
            self._respond(path, options)  # before the reply, as a quick portal may
        return Message.new_method_return(message, "o", [path])

    def _respond(self, path: str, options: dict[str, Any]) -> None:
        granted = self._manner is Manner.GRANTS and options["autostart"]
        if granted:
            self._entry.write_text(f"[Desktop Entry]\nExec=flatpak run {' '.join(options['commandline'])}\n")
        elif self._manner is Manner.GRANTS:
            self._entry.unlink(missing_ok=True)
        results = {"background": Variant("b", True), "autostart": Variant("b", granted)}
        code = 1 if self._manner is Manner.DISMISSED else 0
        self._connection.emit(path, REQUEST, "Response", "ua{sv}", code, results)


@pytest.fixture
def entry(tmp_path: Path) -> Path:
    path = tmp_path / "autostart/io.example.Tray.desktop"
    path.parent.mkdir()
    return path


def switch_of(desktop: Desktop, entry: Path, seconds: float = 10.0) -> PortalAutostart:
    command = Command(("swarmui-tray", "run"))
    return PortalAutostart(entry, command, bus=desktop.bus.address, seconds=seconds)


def test_a_portal_that_grants_switches_on_and_off(bare_desktop: Desktop, entry: Path) -> None:
    portal = PortalDouble(bare_desktop.bus, entry, Manner.GRANTS)
    switch = switch_of(bare_desktop, entry)
    assert not switch.is_on()
    switch.switch(on=True)
    assert switch.is_on()
    switch.switch(on=False)
    assert not switch.is_on()
    asked = portal.options.since(0)
    assert [each["autostart"] for each in asked] == [True, False]
    assert asked[0]["commandline"] == ["swarmui-tray", "run"]


def test_where_the_entry_cannot_be_seen_the_answer_counts(bare_desktop: Desktop, entry: Path) -> None:
    PortalDouble(bare_desktop.bus, entry, Manner.GRANTS)
    switch = switch_of(bare_desktop, Path("/nowhere/autostart/x.desktop"))
    assert not switch.is_on()
    switch.switch(on=True)
    assert switch.is_on()
    switch.switch(on=False)
    assert not switch.is_on()


@pytest.mark.parametrize(
    ("manner", "sentence"),
    [
        (Manner.REFUSES, "does not allow the tray to start"),
        (Manner.DISMISSED, "was dismissed"),
        (Manner.SILENT, "did not answer"),
        (Manner.HAS_NO_BACKGROUND, "offers Flatpaks no start"),
    ],
)
def test_a_portal_that_does_not_grant_leaves_it_off_and_is_told(
    bare_desktop: Desktop, entry: Path, manner: Manner, sentence: str
) -> None:
    PortalDouble(bare_desktop.bus, entry, manner)
    switch = switch_of(bare_desktop, entry, seconds=0.3)
    with pytest.raises(AutostartError, match=sentence):
        switch.switch(on=True)
    assert not switch.is_on()


def test_an_absent_portal_is_told(bare_desktop: Desktop, entry: Path) -> None:
    with pytest.raises(AutostartError, match="offers Flatpaks no start"):
        switch_of(bare_desktop, entry).switch(on=True)


def test_an_absent_bus_is_told(entry: Path, tmp_path: Path) -> None:
    switch = PortalAutostart(entry, Command(("x",)), bus=f"unix:path={tmp_path}/none")
    with pytest.raises(AutostartError, match="no session bus"):
        switch.switch(on=True)
