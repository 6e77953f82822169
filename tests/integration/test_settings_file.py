"""The settings file on a real disk: what its user wrote stays, and nothing that happens to it is fatal."""

import os
import stat
import subprocess
import sys
import threading
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest

from tray_app.adapters.settings.file import MAX_BYTES, SettingsFile, template
from tray_app.core.errors import UsageError
from tray_app.core.options import OPTIONS, Option, option
from tray_app.core.settings import Notify, ServerSettings, Settings

HOME = ServerSettings("home", "http://127.0.0.1:7801")
GPU = ServerSettings("gpu", "https://gpu.example.org/swarm")


@pytest.fixture
def file(tmp_path: Path) -> SettingsFile:
    return SettingsFile(tmp_path / "config" / "settings.toml")


def wanted(path: str) -> Option:
    found = option(path)
    assert found is not None
    return found


def test_no_file_means_defaults_and_makes_none(file: SettingsFile) -> None:
    assert file.load().settings == Settings()
    assert file.load().problems == ()
    assert not file.path.parent.exists()


def test_a_new_file_explains_every_option(file: SettingsFile) -> None:
    file.set_servers([HOME])
    text = file.path.read_text()
    for each in OPTIONS:
        assert f"# {each.comment}\n{each.key} = " in text
    assert file.load().settings == Settings(servers=(HOME,))


def test_the_template_holds_the_defaults() -> None:
    data = tomllib.loads(template())
    assert {each.path: data[each.table][each.key] for each in OPTIONS} == {each.path: each.default for each in OPTIONS}


def test_comments_unknown_keys_and_order_survive_a_change(file: SettingsFile) -> None:
    file.path.parent.mkdir()
    file.path.write_text(
        '# mine\nodd = 3  # kept\n[polling]\nidle = 9  # slow\n\n[[servers]]\nname = "home"  # here\n'
        'address = "http://a:1"\ncolour = "red"\n[later]\nx = [1, 2]\n'
    )
    file.set_option(wanted("polling.busy"), 2.0)
    file.set_servers([GPU, HOME])
    text = file.path.read_text()
    assert "# mine\nodd = 3  # kept\n[polling]\nidle = 9  # slow\nbusy = 2.0\n" in text
    data = tomllib.loads(text)
    assert data["servers"] == [
        {"name": "gpu", "address": "https://gpu.example.org/swarm"},
        {"name": "home", "address": "http://127.0.0.1:7801", "colour": "red"},
    ]
    assert '"home"  # here' in text
    assert data["later"] == {"x": [1, 2]}


def test_servers_and_options_in_other_notations_are_changed_too(file: SettingsFile) -> None:
    file.path.parent.mkdir()
    file.path.write_text(
        'servers = [{name="a", address="http://x", more=1}]\npolling.busy = 3\nactivity = {prompts = true}\nodd = 3\n'
    )
    file.set_servers([ServerSettings("a", "http://a:1"), GPU])
    file.set_option(wanted("polling.busy"), 4.0)
    file.set_option(wanted("activity.prompts"), value=False)
    data = tomllib.loads(file.path.read_text())
    assert data["servers"][0] == {"name": "a", "address": "http://a:1", "more": 1}
    assert (data["polling"]["busy"], data["activity"]["prompts"], data["odd"]) == (4.0, False, 3)


def test_saving_whole_settings_writes_what_differs_and_gives_them_back(file: SettingsFile) -> None:
    chosen = Settings(
        servers=(GPU, HOME),
        poll_busy=0.5,
        notify=Notify(lost=False, longer_than=0, everybody=True),
        confirm_cancel_after_minutes=10,
        allow_prompts=True,
    )
    file.save(chosen)
    assert file.load().settings == chosen
    before = file.path.read_text()
    file.save(chosen)
    assert file.path.read_text() == before
    file.save(Settings())
    assert file.load().settings == Settings()


def test_settings_made_from_an_older_content_are_not_written_over_a_newer_one(file: SettingsFile) -> None:
    old = Settings(poll_idle=9.0)
    file.save(old)
    file.save(Settings(poll_idle=60.0))
    with pytest.raises(UsageError, match="changed at the same moment"):
        file.save(replace(old, poll_busy=2.0), old)
    file.save(replace(old, poll_idle=60.0, poll_busy=2.0), Settings(poll_idle=60.0))
    assert file.load().settings == Settings(poll_idle=60.0, poll_busy=2.0)


def test_bad_values_are_reported_together_and_the_rest_is_used(file: SettingsFile) -> None:
    file.path.parent.mkdir()
    file.path.write_text('[polling]\nbusy = "x"\nidle = 8\n[notifications]\nlost = 3\n')
    loaded = file.load()
    assert [problem.path for problem in loaded.problems] == ["polling.busy", "notifications.lost"]
    assert loaded.settings == Settings(poll_idle=8.0)


def test_a_file_cut_off_at_any_byte_never_stops_the_program(file: SettingsFile) -> None:
    file.save(Settings(servers=(HOME,), poll_busy=3.0))
    whole = file.path.read_bytes()
    for length in range(len(whole)):
        file.path.write_bytes(whole[:length])
        os.utime(file.path, (1, 1))  # older than the last good one, so that this stays what it is
        loaded = file.load()
        broken = any(problem.path == "" for problem in loaded.problems)
        if broken:
            assert loaded.settings == Settings(servers=(HOME,), poll_busy=3.0), length
        else:
            tomllib.loads(whole[:length].decode())
    assert file.last_good.read_bytes() == whole


@pytest.mark.parametrize("content", [b"not = [toml", b"\xff\xfe\x00", b"x = 1\n" * MAX_BYTES, b"a = " + b"[" * 5000])
def test_a_broken_file_leaves_the_last_good_settings_in_force(file: SettingsFile, content: bytes) -> None:
    file.save(Settings(servers=(HOME,)))
    file.path.write_bytes(content)
    loaded = file.load()
    assert loaded.settings == Settings(servers=(HOME,))
    assert "The last settings that worked are used." in loaded.problems[0].message


def test_a_broken_file_without_a_last_good_one_leaves_the_defaults(file: SettingsFile) -> None:
    file.path.parent.mkdir()
    file.path.write_text("[[")
    loaded = file.load()
    assert loaded.settings == Settings()
    assert "no valid TOML" in loaded.problems[0].message
    assert "The defaults are used." in loaded.problems[0].message


def test_changing_a_broken_file_keeps_what_its_user_wrote_beside_it(file: SettingsFile) -> None:
    file.save(Settings(servers=(HOME,)))
    file.path.write_text("half a li[ne")
    file.set_option(wanted("polling.idle"), 7.0)
    assert file.path.with_name("settings.toml.broken").read_text() == "half a li[ne"
    assert file.load().settings == Settings(servers=(HOME,), poll_idle=7.0)


def test_a_change_by_hand_becomes_the_last_good_one_when_it_was_read(file: SettingsFile) -> None:
    file.save(Settings(poll_busy=3.0))
    file.path.write_text("[polling]\nbusy = 4\n")
    os.utime(file.path, (2**31, 2**31))
    assert file.load().settings == Settings(poll_busy=4.0)
    file.path.write_text("[[")
    assert file.load().settings == Settings(poll_busy=4.0)


def test_a_file_of_a_newer_program_is_read_and_not_written(file: SettingsFile) -> None:
    file.path.parent.mkdir()
    file.path.write_text("schema = 99\n[polling]\nbusy = 4\n")
    assert file.load().settings.poll_busy == 4.0
    with pytest.raises(UsageError, match="newer version"):
        file.set_option(wanted("polling.busy"), 2.0)
    assert file.path.read_text() == "schema = 99\n[polling]\nbusy = 4\n"


def test_a_new_file_is_for_its_owner_and_an_opened_one_stays_open(file: SettingsFile) -> None:
    file.save(Settings(poll_busy=3.0))
    assert stat.S_IMODE(file.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.path.parent.stat().st_mode) == 0o700
    file.path.chmod(0o644)
    file.save(Settings(poll_busy=4.0))
    assert stat.S_IMODE(file.path.stat().st_mode) == 0o644


def test_a_linked_file_is_changed_where_it_lies(file: SettingsFile, tmp_path: Path) -> None:
    real = tmp_path / "dotfiles.toml"
    real.write_text("[polling]\nbusy = 4\n")
    file.path.parent.mkdir()
    file.path.symlink_to(real)
    file.set_option(wanted("polling.busy"), 2.0)
    assert file.path.is_symlink()
    assert real.read_text() == "[polling]\nbusy = 2.0\n"


def test_a_place_that_cannot_be_written_is_told_and_changes_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    file = SettingsFile(tmp_path / "file" / "settings.toml")
    assert file.load().settings == Settings()
    with pytest.raises(UsageError, match="cannot be written"):
        file.set_servers([HOME])


@pytest.mark.skipif(sys.platform == "win32", reason="limits the size of files as POSIX does")
def test_a_full_disk_leaves_the_old_file(file: SettingsFile) -> None:
    file.save(Settings(poll_busy=3.0))
    before = file.path.read_bytes()
    script = (
        "import resource, signal, sys; signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "from tray_app.adapters.settings.file import SettingsFile\n"
        "from tray_app.core.errors import UsageError\n"
        "from tray_app.core.settings import Settings\n"
        "from pathlib import Path\n"
        "import tomlkit\n"
        "before = resource.getrlimit(resource.RLIMIT_FSIZE)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (100, before[1]))\n"  # EFBIG where a full disk gives ENOSPC
        "try:\n    SettingsFile(Path(sys.argv[1])).save(Settings(poll_busy=4.0))\n"
        "except UsageError as error:\n    print(error)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, before)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(file.path)], capture_output=True, text=True, check=True, timeout=30
    )
    assert "cannot be written" in done.stdout
    assert file.path.read_bytes() == before
    assert sorted(each.name for each in file.path.parent.iterdir()) == [
        "settings.toml",
        "settings.toml.last-good",
        "settings.toml.lock",
    ]


# Run as the root of a namespace of its own, in which a disk of 64 KB can be mounted, filled and made read-only.
_SMALL_DISK = """
import pathlib, subprocess, sys
from tray_app.adapters.settings.file import SettingsFile
from tray_app.cli.main import main
from tray_app.core.errors import UsageError
from tray_app.core.settings import ServerSettings, Settings
folder = pathlib.Path(sys.argv[1])
subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", folder], check=True)
file = SettingsFile(folder / "settings.toml")
before = Settings(servers=(ServerSettings("home", "http://127.0.0.1:7801"),), poll_busy=3.0)
file.save(before)
names = sorted(each.name for each in folder.iterdir())
def look(state):
    content = file.path.read_bytes()
    try:
        file.save(Settings(poll_busy=4.0))
    except UsageError as error:
        print(state, error)
    assert file.path.read_bytes() == content
    assert (file.load().settings, file.load().problems) == (before, ())
    assert main(["config", "set", "polling.idle", "7", "--config", str(file.path)]) == 2
    assert main(["config", "show", "--config", str(file.path)]) == 0
filler = folder / "filler"
with filler.open("wb", buffering=0) as out:
    try:
        while out.write(b"x" * 1024):
            pass
    except OSError:
        pass
look("full:")
filler.unlink()
assert sorted(each.name for each in folder.iterdir()) == names
subprocess.run(["mount", "-o", "remount,ro", folder], check=True)
look("read-only:")
file.path = folder / "none.toml"
assert file.load().settings == Settings()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="mounts a disk in a namespace of its own")
def test_a_disk_that_is_really_full_or_read_only_is_told_and_what_was_chosen_stays_in_force(tmp_path: Path) -> None:
    alone = ["unshare", "--map-root-user", "--mount"]
    if subprocess.run([*alone, "mount", "-t", "tmpfs", "tmpfs", tmp_path], capture_output=True, check=False).returncode:
        pytest.skip("No namespaces may be made here.")
    done = subprocess.run(
        [*alone, sys.executable, "-c", _SMALL_DISK, str(tmp_path)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "full: The settings file" in done.stdout
    assert "cannot be written: No space left on device." in done.stdout
    assert "cannot be written: Read-only file system." in done.stdout
    assert done.stderr.count("swarmui-tray: The settings file") == 2


def test_two_programs_that_write_at_once_lose_nothing(file: SettingsFile) -> None:
    script = (
        "import sys; from pathlib import Path\n"
        "from tray_app.adapters.settings.file import SettingsFile\n"
        "from tray_app.core.options import option\n"
        "for value in range(2, 12):\n"
        "    SettingsFile(Path(sys.argv[1])).set_option(option(sys.argv[2]), float(value))\n"
    )
    both = [
        subprocess.Popen([sys.executable, "-c", script, str(file.path), path])
        for path in ("polling.busy", "polling.idle")
    ]
    assert [each.wait(30) for each in both] == [0, 0]
    assert file.load().settings == Settings(poll_busy=11.0, poll_idle=11.0)


def test_two_writers_at_once_lose_nothing(file: SettingsFile) -> None:
    def write(path: str, values: list[float]) -> None:
        for value in values:
            SettingsFile(file.path).set_option(wanted(path), value)

    threads = [
        threading.Thread(target=write, args=("polling.busy", [1.0, 2.0, 3.0, 4.0])),
        threading.Thread(target=write, args=("polling.idle", [6.0, 7.0, 8.0, 9.0])),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (file.load().settings.poll_busy, file.load().settings.poll_idle) == (4.0, 9.0)


def test_reading_does_not_load_the_library_that_writes(file: SettingsFile) -> None:
    file.save(Settings(poll_busy=3.0))
    script = (
        "import sys; from pathlib import Path\n"
        "from tray_app.adapters.settings.file import SettingsFile\n"
        "print(SettingsFile(Path(sys.argv[1])).load().settings.poll_busy, 'tomlkit' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", script, str(file.path)], capture_output=True, text=True, check=True)
    assert done.stdout == "3.0 False\n"
