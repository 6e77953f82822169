"""What is told of a settings file that changed while the tray runs, and that the tray's own saving is no news to it."""

from collections.abc import Callable
from dataclasses import replace

from pytestqt.qtbot import QtBot

from tests.gui.program import QUICK, Home, Program, servers
from tray_app.app.live_settings import LiveSettings, not_taken_over
from tray_app.core.settings import SettingProblem

Start = Callable[..., Program]


def test_what_the_window_saves_is_taken_over_once(start: Start, home: Home, qtbot: QtBot) -> None:
    program = start(settings=replace(QUICK, servers=servers(home="http://127.0.0.1:1")))
    live = program.tray.findChild(LiveSettings)
    assert live is not None
    taken: list[object] = []
    live.changed.connect(taken.append)
    window = program.open_settings()
    window.behaviour.idle.setValue(30)
    with qtbot.waitSignal(live._watch.changed):
        program.press(window.save)
    program.wait_closed()
    home.settings_file.save(replace(QUICK, poll_idle=60.0, servers=servers(home="http://127.0.0.1:1")))
    program.wait(lambda: taken)
    assert [each.poll_idle for each in taken] == [60.0]  # type: ignore[attr-defined]
    assert program.tray._settings.poll_idle == 60.0


def test_a_server_named_for_this_start_has_no_file_to_follow(start: Start) -> None:
    assert start("--url", "http://127.0.0.1:1").tray.findChild(LiveSettings) is None


def test_a_fault_stands_in_menu_and_window_as_long_as_it_lasts(start: Start, home: Home) -> None:
    """There is no notification service here that would tell of it."""
    program = start(settings=replace(QUICK, servers=servers(home="http://127.0.0.1:1")))
    window = program.open_window()
    file = home.settings_file.path
    good = file.read_text()
    file.write_text(good.replace("idle = 0.5", "idle = 'soon'").replace("busy = 0.2", "busy = 'now'"))
    fault = "The settings file has a fault: polling.busy: 'now' is not a number"
    program.wait(lambda: fault in window.facts.text())
    assert "And 1 more. Until that is corrected, the settings from before hold." in window.facts.text()
    file.write_text(good)
    program.wait(lambda: "fault" not in window.facts.text())


def test_a_fault_is_shown_from_the_start(start: Start, home: Home) -> None:
    home.settings_file.save(replace(QUICK, servers=servers(home="http://127.0.0.1:1")))
    home.settings_file.path.write_text(home.settings_file.path.read_text().replace("idle = 0.5", "idle = 'soon'"))
    window = start().open_window()
    assert "polling.idle: 'soon' is not a number" in window.facts.text()


def test_many_faults_are_counted() -> None:
    problems = [SettingProblem(f"polling.x{number}", "Wrong. Other is used.", "Wrong.") for number in range(6)]
    notice = not_taken_over(problems)
    assert notice.body.splitlines() == [
        *(f"polling.x{number}: Wrong." for number in range(4)),
        "And 2 more; `swarmui-tray config show` lists them all.",
        "Until that is corrected, the settings from before hold.",
    ]
