"""The switch for starting with the session, on files as each system keeps them; read by the tools that read them."""

import plistlib
import shutil
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tray_app.adapters.autostart import switch as subject
from tray_app.adapters.autostart.command import Command, own_command
from tray_app.adapters.autostart.macos import LaunchAgent
from tray_app.adapters.autostart.switch import NoAutostart, autostart, flatpak_id
from tray_app.adapters.autostart.windows import APPROVED, RUN, RunKey
from tray_app.adapters.autostart.xdg import XdgAutostart
from tray_app.core import desktop_entry
from tray_app.core.errors import AutostartError

ROOT = Path(__file__).parents[2]
AWKWARD = "a b$HOME`x` \"quoted\" 'single' back\\slash 100% #~;&|<>(*)?"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "config/autostart/swarmui-tray.desktop"


@pytest.fixture
def system_file(tmp_path: Path) -> Path:
    path = tmp_path / "etc/xdg/autostart/swarmui-tray.desktop"
    path.parent.mkdir(parents=True)
    return path


def program(folder: Path, body: str = "exit 0") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "swarmui-tray"
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)
    return path


def xdg(file: Path, *argv: str, of_system: Path | None = None, folder: Path | None = None) -> XdgAutostart:
    files = [file] if of_system is None else [file, of_system]
    return XdgAutostart(files, Command(argv or ("/usr/bin/true", "run"), folder))


def started(file: Path, expected: Path) -> str:
    """Start the entry as a session does, by GLib with an empty environment, and wait for what its program writes."""
    environment = {"HOME": str(file.parent), "XDG_RUNTIME_DIR": str(file.parent)}
    gio = shutil.which("gio")
    assert gio is not None, "gio is not installed: see packaging/debian-test.txt"
    subprocess.run([gio, "launch", str(file)], env=environment, cwd="/", check=True, timeout=30)
    deadline = time.monotonic() + 20
    while not expected.exists():
        assert time.monotonic() < deadline, "nothing was started"
        time.sleep(0.01)
    return expected.read_text()


def test_switched_on_it_is_an_entry_that_the_validator_accepts(file: Path) -> None:
    switch = xdg(file, "/opt/my tray/swarmui-tray", "--profile", "work", "run", folder=Path("/opt/my tray"))
    assert not switch.is_on()
    switch.switch(on=True)
    assert switch.is_on()
    done = subprocess.run(["desktop-file-validate", str(file)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert xdg(file).is_on()


def test_switched_off_it_is_gone(file: Path) -> None:
    switch = xdg(file)
    switch.switch(on=False)
    switch.switch(on=True)
    switch.switch(on=False)
    assert not switch.is_on()
    assert not file.exists()


def test_the_entry_starts_the_program_with_its_very_arguments_in_an_empty_environment(
    file: Path, tmp_path: Path
) -> None:
    output = tmp_path / "output"
    # GLib takes the program's own path as it stands, with %% for %: no percent sign there.
    written = program(
        tmp_path / AWKWARD.replace("%", ""), f'printf "%s\\n" "$@" "$(pwd)" >{tmp_path}/new; mv {tmp_path}/new {output}'
    )
    xdg(file, str(written), "--profile", AWKWARD, "run", folder=tmp_path).switch(on=True)
    assert started(file, output).splitlines() == ["--profile", AWKWARD, "run", str(tmp_path)]


def test_the_entry_starts_this_very_program(file: Path, tmp_path: Path) -> None:
    """With --version in place of run, which ends by itself; its output goes through a shell into a file."""
    command = own_command("--version")
    output = tmp_path / "output"
    shell = f'"$@" >{tmp_path}/new; mv {tmp_path}/new {output}'
    xdg(file, "/bin/sh", "-c", shell, "sh", *command.argv, folder=command.folder).switch(on=True)
    assert started(file, output).startswith("swarmui-tray ")


def test_it_is_off_where_the_user_hid_it(file: Path) -> None:
    switch = xdg(file)
    switch.switch(on=True)
    file.write_text(file.read_text() + "Hidden=true\n")
    assert not switch.is_on()
    assert not switch.repair()
    assert not switch.is_on()
    switch.switch(on=True)
    assert switch.is_on()
    assert "Hidden" not in file.read_text()


def test_it_is_off_where_the_desktops_settings_say_so(file: Path) -> None:
    switch = xdg(file)
    switch.switch(on=True)
    text = file.read_text()
    assert "X-GNOME-Autostart-enabled=true\n" in text
    file.write_text(text.replace("enabled=true", "enabled=false"))
    assert not switch.is_on()
    switch.switch(on=True)
    assert switch.is_on()


def test_an_entry_of_the_user_keeps_all_but_its_switch(file: Path) -> None:
    file.parent.mkdir(parents=True)
    mine = "[Desktop Entry]\n# mine\nType=Application\nName=Mine\nExec=/gone/swarmui-tray --server gpu run\n"
    file.write_text(mine)
    switch = xdg(file)
    assert switch.is_on()
    assert not switch.repair()
    switch.switch(on=False)
    assert file.read_text() == mine + "Hidden=true\n"
    switch.switch(on=False)
    switch.switch(on=True)
    assert switch.is_on()
    assert file.read_text() == mine + "X-GNOME-Autostart-enabled=true\n"


def test_an_entry_of_the_system_is_hidden_by_one_of_the_user(file: Path, system_file: Path) -> None:
    system_file.write_text("[Desktop Entry]\nType=Application\nName=Tray\nExec=/usr/bin/swarmui-tray run\n")
    switch = xdg(file, of_system=system_file)
    assert switch.is_on()
    switch.switch(on=True)
    assert not file.exists()
    switch.switch(on=False)
    assert not switch.is_on()
    assert desktop_entry.keys(file.read_text())["Hidden"] == "true"
    switch.switch(on=True)
    assert switch.is_on()


def test_our_entry_is_hidden_where_the_systems_would_take_its_place(file: Path, system_file: Path) -> None:
    switch = xdg(file, of_system=system_file)
    switch.switch(on=True)
    system_file.write_text("[Desktop Entry]\nType=Application\nName=Tray\nExec=/usr/bin/swarmui-tray run\n")
    switch.switch(on=False)
    assert not switch.is_on()


def test_a_program_that_moved_is_found_again_at_the_next_start(file: Path, tmp_path: Path) -> None:
    old, new = program(tmp_path / "old"), tmp_path / "new place"
    xdg(file, str(old), "run").switch(on=True)
    assert not xdg(file, str(old), "run").repair()
    old.parent.rename(new)
    moved = xdg(file, str(new / "swarmui-tray"), "run")
    assert moved.repair()
    assert not moved.repair()
    keys = desktop_entry.keys(file.read_text())
    assert desktop_entry.split_exec(keys["Exec"]) == (str(new / "swarmui-tray"), "run")
    assert moved.is_on()


def test_another_copy_of_the_program_does_not_take_the_entry_over(file: Path, tmp_path: Path) -> None:
    installed, checkout = program(tmp_path / "installed"), program(tmp_path / "checkout")
    xdg(file, str(installed), "run").switch(on=True)
    before = file.read_text()
    assert not xdg(file, str(checkout), "run").repair()
    assert file.read_text() == before


def test_a_checkout_that_moved_is_found_again(file: Path, tmp_path: Path) -> None:
    (tmp_path / "checkout/tray_app").mkdir(parents=True)
    (tmp_path / "checkout/tray_app/__main__.py").touch()
    xdg(file, sys.executable, "-m", "tray_app", folder=tmp_path / "checkout").switch(on=True)
    assert not xdg(file, sys.executable, "-m", "tray_app", folder=ROOT).repair()
    (tmp_path / "checkout").rename(tmp_path / "elsewhere")
    assert xdg(file, sys.executable, "-m", "tray_app", folder=ROOT).repair()
    assert desktop_entry.keys(file.read_text())["Path"] == str(ROOT)
    shutil.rmtree(tmp_path / "elsewhere")
    assert not xdg(file).repair()


def test_a_hidden_entry_is_repaired_and_stays_hidden(file: Path, tmp_path: Path) -> None:
    xdg(file, str(tmp_path / "gone"), "run").switch(on=True)
    file.write_text(file.read_text() + "Hidden=true\n")
    assert xdg(file).repair()
    assert not xdg(file).is_on()


def test_without_an_entry_nothing_is_repaired(file: Path) -> None:
    assert not xdg(file).repair()
    assert not file.exists()


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00", b"no entry at all", b"[Desktop Entry]\nName=x\n"])
def test_a_file_that_starts_nothing_is_off_and_is_replaced(file: Path, content: bytes) -> None:
    file.parent.mkdir(parents=True)
    file.write_bytes(content)
    switch = xdg(file)
    assert not switch.is_on()
    switch.switch(on=True)
    assert switch.is_on()


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    blocked = tmp_path / "config"
    blocked.write_text("a file where the folder should be")
    with pytest.raises(AutostartError, match=r"config/autostart/swarmui-tray\.desktop cannot be written"):
        xdg(blocked / "autostart/swarmui-tray.desktop").switch(on=True)


# ------------------------------------------------------------------------------------------------- which switch is used


def test_on_this_system_the_entry_lies_where_the_session_looks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_CONFIG_DIRS", f"relative:{tmp_path}/one")
    for profile in (None, "work"):
        switch = autostart(profile)
        assert not switch.is_on()
        assert switch.why_not == ""
        switch.switch(on=True)
        assert autostart(profile).is_on()
    folder = tmp_path / "config/autostart"
    assert sorted(each.name for each in folder.iterdir()) == ["swarmui-tray-work.desktop", "swarmui-tray.desktop"]
    keys = desktop_entry.keys((folder / "swarmui-tray-work.desktop").read_text())
    assert desktop_entry.split_exec(keys["Exec"])[-3:] == ("--profile", "work", "run")


def test_a_relative_configuration_folder_counts_as_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", "relative")
    autostart().switch(on=True)
    assert (tmp_path / ".config/autostart/swarmui-tray.desktop").is_file()


def test_the_command_is_the_installed_script_the_appimage_or_the_module(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bin_folder = tmp_path / "bin"
    bin_folder.mkdir()
    monkeypatch.setattr(sys, "executable", str(bin_folder / "python"))
    monkeypatch.setattr(sys, "argv", ["/somewhere/tray_app/__main__.py"])
    monkeypatch.setenv("PATH", str(tmp_path / "path"))
    assert own_command("run") == Command((str(bin_folder / "python"), "-m", "tray_app", "run"), ROOT)
    on_path = program(tmp_path / "path")
    assert own_command("run") == Command((str(on_path), "run"))
    elsewhere = program(tmp_path / "elsewhere")
    monkeypatch.setattr(sys, "argv", [str(elsewhere)])
    assert own_command("run") == Command((str(elsewhere), "run"))
    beside = program(bin_folder)
    assert own_command("run") == Command((str(beside), "run"))
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    assert own_command("run") == Command((str(bin_folder / "python"), "run"))
    monkeypatch.setenv("APPIMAGE", "/home/me/SwarmUI Tray.AppImage")
    assert own_command("run") == Command(("/home/me/SwarmUI Tray.AppImage", "run"))


def test_a_flatpak_knows_its_id(tmp_path: Path) -> None:
    info = tmp_path / "info"
    assert flatpak_id(info) == ""
    info.write_text("[Application]\nname=io.example.Tray\nruntime=x\n")
    assert flatpak_id(info) == "io.example.Tray"


def test_in_a_flatpak_the_portal_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subject, "flatpak_id", lambda: "io.example.Tray")
    monkeypatch.setenv("HOST_XDG_CONFIG_HOME", str(tmp_path))
    switch = autostart()
    assert type(switch).__name__ == "PortalAutostart"
    (tmp_path / "autostart").mkdir()
    entry = tmp_path / "autostart/io.example.Tray.desktop"
    assert not switch.is_on()
    entry.write_text("[Desktop Entry]\nExec=flatpak run io.example.Tray\n")
    assert switch.is_on()
    entry.write_text("[Desktop Entry]\nExec=flatpak run io.example.Tray\nHidden=true\n")
    assert not switch.is_on()
    assert not switch.repair()


def test_where_nothing_is_possible_it_says_so() -> None:
    switch = NoAutostart("There is no way here.")
    assert (switch.is_on(), switch.repair(), switch.why_not) == (False, False, "There is no way here.")
    switch.switch(on=False)
    with pytest.raises(AutostartError, match="There is no way here"):
        switch.switch(on=True)


# ---------------------------------------------------------------------------------------- Windows, without its registry


class Dictionary:
    """A registry that keeps its values here."""

    def __init__(self) -> None:
        self.values: dict[tuple[str, str], str | bytes] = {}
        self.refuses = False

    def get(self, key: str, name: str) -> str | bytes | None:
        return self.values.get((key, name))

    def set(self, key: str, name: str, text: str) -> None:
        self._check()
        self.values[key, name] = text

    def delete(self, key: str, name: str) -> None:
        self._check()
        self.values.pop((key, name), None)

    def _check(self) -> None:
        if self.refuses:
            raise PermissionError(13, "Access is denied")


def run_key(registry: Dictionary, *argv: str) -> RunKey:
    return RunKey(registry, "swarmui-tray", Command(argv or ("/usr/bin/true", "run")))


def test_the_run_key_is_switched_and_read_back() -> None:
    registry = Dictionary()
    switch = run_key(registry, r"C:\Program Files\Tray\swarmui-tray.exe", "run")
    assert (switch.is_on(), switch.why_not) == (False, "")
    switch.switch(on=True)
    assert registry.values == {(RUN, "swarmui-tray"): r'"C:\Program Files\Tray\swarmui-tray.exe" run'}
    assert run_key(registry).is_on()
    switch.switch(on=False)
    assert registry.values == {}


def test_what_the_task_manager_switched_off_is_off() -> None:
    registry = Dictionary()
    switch = run_key(registry)
    switch.switch(on=True)
    registry.values[APPROVED, "swarmui-tray"] = b"\x02" + bytes(11)
    assert switch.is_on()
    registry.values[APPROVED, "swarmui-tray"] = b"\x03" + bytes(11)
    assert not switch.is_on()
    switch.repair()
    assert not switch.is_on()
    switch.switch(on=True)
    assert switch.is_on()


def test_the_run_key_is_repaired_when_its_program_moved_and_is_ours(tmp_path: Path) -> None:
    registry = Dictionary()
    there = program(tmp_path / "with space")
    run_key(registry, str(there), "run").switch(on=True)
    assert not run_key(registry).repair()
    there.unlink()
    new = program(tmp_path / "new")
    assert run_key(registry, str(new), "run").repair()
    assert registry.values[RUN, "swarmui-tray"] == f"{new} run"
    assert not run_key(registry).repair()
    registry.values[RUN, "swarmui-tray"] = "somebody.exe else"
    assert not run_key(registry).repair()
    registry.values.clear()
    assert not run_key(registry).repair()


@pytest.mark.parametrize("change", [lambda key: key.switch(on=True), lambda key: key.repair()])
def test_a_registry_that_refuses_is_told(change: Callable[[RunKey], object]) -> None:
    registry = Dictionary()
    registry.values[RUN, "swarmui-tray"] = "/gone/swarmui-tray run"
    registry.refuses = True
    with pytest.raises(AutostartError, match="The registry could not be changed"):
        change(run_key(registry))


# -------------------------------------------------------------------------------------------- macOS, by files alone


def test_a_launch_agent_is_switched_read_back_and_repaired(tmp_path: Path) -> None:
    there = program(tmp_path / "old")
    switch = LaunchAgent(tmp_path / "agents", "swarmui-tray", Command((str(there), "run"), ROOT))
    file = tmp_path / "agents/io.github.swarmui-tray.plist"
    assert not switch.is_on()
    assert not switch.repair()
    switch.switch(on=True)
    assert switch.is_on()
    assert not switch.repair()
    content = plistlib.loads(file.read_bytes())
    assert content["ProgramArguments"] == [str(there), "run"]
    assert content["WorkingDirectory"] == str(ROOT)
    there.unlink()
    new = program(tmp_path / "new")
    assert LaunchAgent(tmp_path / "agents", "swarmui-tray", Command((str(new), "run"))).repair()
    assert plistlib.loads(file.read_bytes())["ProgramArguments"] == [str(new), "run"]
    switch.switch(on=False)
    switch.switch(on=False)
    assert not file.exists()


@pytest.mark.parametrize("change", [{"Disabled": True}, {"RunAtLoad": False}, {"Label": "other"}])
def test_a_launch_agent_that_the_user_disabled_is_off_and_stays_so(tmp_path: Path, change: dict[str, object]) -> None:
    switch = LaunchAgent(tmp_path, "swarmui-tray", Command(("/gone", "run")))
    switch.switch(on=True)
    file = tmp_path / "io.github.swarmui-tray.plist"
    file.write_bytes(plistlib.dumps(plistlib.loads(file.read_bytes()) | change))
    assert not switch.is_on()
    assert not switch.repair()


def test_a_launch_agent_that_is_none_is_off(tmp_path: Path) -> None:
    switch = LaunchAgent(tmp_path, "swarmui-tray", Command(("/gone", "run")))
    (tmp_path / "io.github.swarmui-tray.plist").write_text("no list")
    assert not switch.is_on()


def test_a_folder_of_agents_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "agents").write_text("a file where the folder should be")
    switch = LaunchAgent(tmp_path / "agents", "swarmui-tray", Command(("/gone", "run")))
    with pytest.raises(AutostartError, match="could not be changed"):
        switch.switch(on=True)
    assert [each.name for each in tmp_path.iterdir()] == ["agents"]
