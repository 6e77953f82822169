"""B29: secrets in logs, arguments, environments, notifications or files."""

from pathlib import Path

from dbus_fast import Message, MessageType

from tests.desktop.rig.bus import plain
from tests.desktop.rig.desktop import Desktop
from tests.desktop.rig.keyring import Keyring
from tests.desktop.rig.program import TrayProcess, configure, run_command
from tests.desktop.rig.tray_host import TrayHostDouble
from tests.desktop.rig.tray_item import TrayItem
from tests.desktop.rig.waiting import Journal, until
from tray_app.simulator.server import SimulatedSwarmUI

KEYRING_PATH = "/org/freedesktop/secrets"


def test_b29_neither_key_nor_session_leaves_keyring_memory_and_wire(desktop: Desktop, host: TrayHostDouble) -> None:
    Keyring(desktop)
    said: Journal[str] = Journal()
    listener = desktop.bus.connect()

    def overhear(message: Message) -> bool:
        if message.destination != "org.freedesktop.secrets" and not (message.path or "").startswith(KEYRING_PATH):
            said.add(repr(plain(message.body)))
        return message.message_type is MessageType.METHOD_CALL  # it was for somebody else: no answer of ours

    listener.listen(overhear, "type='signal'", "type='method_call',eavesdrop='true'")
    header = "Bearer header-canary-51c7"
    with SimulatedSwarmUI(accounts=True, authorization=header) as server:
        token = server.add_user("ann", "owner")
        configure(desktop, server.url, polling__busy=0.2, polling__idle=0.5, notifications__longer_than=0)
        arguments: list[str] = []
        for options, secret in (([], token), (["--authorization"], header)):
            stored = run_command(desktop, "-v", "key", "set", *options, feed=f"{secret}\n")
            assert stored.returncode == 0, stored.stderr
            arguments += [stored.stdout, stored.stderr]
        tray = TrayProcess(desktop, "-v")
        seen: list[str] = []

        def looked() -> bool:
            seen.append(_processes(tray))
            return bool(host.items())

        until("the icon is there", looked)
        item = host.wait_for_item()
        until("it says idle", lambda: item.tooltip.startswith("Idle"))
        server.generate("ann", images=1, seconds=1.5).wait(20)
        server.fail_next(f"failed with {token}")
        server.generate("ann", images=1, seconds=1).wait(20)
        until("the end is seen", lambda: _tells_the_end(item))
        seen.append(_processes(tray))
        done = run_command(desktop, "-v", "status")
        arguments += [done.stdout, done.stderr]
        server.stop(abrupt=True)
        item.menu.click("Look again now")
        until("it says so", lambda: item.tooltip.startswith("Not reachable"), 15)
        sessions = {str(each.body.get("session_id")) for each in server.requests if isinstance(each.body, dict)}
        tray.quit()
    secrets = {token, header, "header-canary-51c7", *sessions} - {"None", "", "-"}
    places = {
        "files": "".join(_files(desktop.folder, desktop.runtime)),
        "processes": "".join(seen),
        "output": "".join([*arguments, tray.output]),
        "bus": "".join(said.since(0)),
    }
    assert {place: secret for place, text in places.items() for secret in secrets if secret in text} == {}


def _tells_the_end(item: TrayItem) -> bool:
    """Whether an event of the work stands among the recent ones."""
    return any(word in each.text for each in item.menu.layout().walk() for word in ("ended", "finished", "failed"))


def _files(*folders: Path) -> list[str]:
    """All files below, but the keyring's own, which are encrypted."""
    return [
        path.read_text(errors="replace")
        for folder in folders
        for path in folder.rglob("*")
        if path.is_file() and path.suffix != ".keyring"
    ]


def _processes(tray: TrayProcess) -> str:
    """Arguments and environments of the tray and its children."""
    found = []
    for pid in tray.session():
        for name in ("cmdline", "environ"):
            try:
                found.append(Path(f"/proc/{pid}/{name}").read_text(errors="replace"))
            except OSError:
                continue  # it has ended
    return "".join(found)
