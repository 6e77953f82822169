"""What is remembered between two starts: where it lies, who may read it, and what becomes of a spoilt file."""

import json
import stat
import threading
from pathlib import Path

import pytest

from tray_app.adapters.folders import Folders, folders
from tray_app.adapters.keyring.secrets import Secrets
from tray_app.adapters.private_file import is_private_folder
from tray_app.adapters.state_file import StateFile
from tray_app.adapters.swarm.session_stores import FileSessions, KeyringSessions, MemorySessions, keep_now
from tray_app.core.credentials import StoredSession
from tray_app.core.errors import UsageError
from tray_app.core.model import Identity
from tray_app.core.secret import Secret
from tray_app.core.snooze import Snooze

URL = "http://127.0.0.1:7801"
SESSION = StoredSession("ab" * 20, Identity("local", "0.9.8.2", "guid", frozenset({"*"})))
OTHER = StoredSession("cd" * 20, Identity("local", "0.9.8.2", "guid", None), "fingerprint")


@pytest.fixture
def state(tmp_path: Path) -> StateFile:
    return StateFile(tmp_path / "state" / "state.json")


def test_a_session_is_kept_for_the_next_start_and_per_address(state: StateFile) -> None:
    state.save(URL, SESSION)
    state.save("http://gpu:7801", OTHER)
    again = StateFile(state.path)
    assert again.load(URL) == SESSION
    assert again.load("http://gpu:7801") == OTHER
    assert again.load("http://nowhere:7801") is None
    again.forget(URL)
    again.forget(URL)
    assert state.load(URL) is None
    assert state.load("http://gpu:7801") == OTHER


def test_only_its_owner_may_read_it_even_where_it_was_open(state: StateFile) -> None:
    state.save(URL, SESSION)
    assert stat.S_IMODE(state.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(state.path.parent.stat().st_mode) == 0o700
    state.path.chmod(0o644)
    state.save(URL, OTHER)
    assert stat.S_IMODE(state.path.stat().st_mode) == 0o600


def test_it_knows_for_which_origins_the_keyring_has_something(state: StateFile) -> None:
    assert not state.has_key(URL)
    state.mark_key(URL, present=False)
    assert not state.path.exists()
    state.mark_key(URL, present=True)
    state.mark_key(URL, present=True)
    assert state.has_key(URL)
    assert json.loads(state.path.read_text())["keys"] == [URL]
    state.mark_key(URL, present=False)
    assert not state.has_key(URL)


@pytest.mark.parametrize("present", [True, False])
def test_with_the_key_of_an_origin_its_sessions_go(state: StateFile, present: bool) -> None:
    urls = [URL, f"{URL}/swarm", "http://127.0.0.1:7802", "no address"]
    state.mark_key(URL, present=not present)
    for url in urls:
        state.save(url, SESSION)
    state.mark_key(URL, present=present)
    assert [state.load(url) for url in urls] == [None, None, SESSION, SESSION]
    state.save(URL, SESSION)
    state.mark_key(URL, present=present)
    assert state.load(URL) is None
    state.save(URL, SESSION)
    state.forget_all("http://127.0.0.1:7802")
    state.forget_all("http://127.0.0.1:7802")
    assert [state.load(url) for url in urls] == [SESSION, None, None, SESSION]


@pytest.mark.parametrize(
    "content", ["", "{", "[]", '{"sessions": 3, "keys": "x"}', "[" * 5000, '{"sessions": {"http://127.0.0.1:7801": 5}}']
)
def test_a_spoilt_file_counts_as_empty_and_is_replaced(state: StateFile, content: str) -> None:
    state.path.parent.mkdir()
    state.path.write_text(content)
    assert state.load(URL) is None
    assert not state.has_key(URL)
    state.save(URL, SESSION)
    assert state.load(URL) == SESSION


def test_what_a_newer_program_keeps_there_survives(state: StateFile) -> None:
    state.path.parent.mkdir()
    state.path.write_text('{"schema": 7, "windows": [1]}')
    state.save(URL, SESSION)
    found = json.loads(state.path.read_text())
    assert (found["schema"], found["windows"]) == (7, [1])


def test_many_writers_at_once_lose_nothing(state: StateFile) -> None:
    urls = [f"http://host{number}:7801" for number in range(12)]
    threads = [threading.Thread(target=StateFile(state.path).save, args=(url, SESSION)) for url in urls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(state.load(url) == SESSION for url in urls)


def test_a_session_that_cannot_be_written_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    store = FileSessions(StateFile(tmp_path / "file" / "state.json"), URL)
    store.save(SESSION)
    store.forget()
    assert store.load() is None


def test_a_file_store_keeps_the_session_of_its_own_address(state: StateFile) -> None:
    store = FileSessions(state, URL)
    store.save(SESSION)
    assert FileSessions(state, URL).load() == SESSION
    assert FileSessions(state, URL + "/base").load() is None
    store.forget()
    assert FileSessions(state, URL).load() is None


def test_a_memory_store_keeps_it_for_this_process() -> None:
    store = MemorySessions()
    assert store.load() is None
    store.save(SESSION)
    assert store.load() == SESSION
    store.forget()
    assert store.load() is None


def test_a_session_from_the_keyring_is_used_only_for_its_own_address() -> None:
    keep = keep_now(Secrets(command=["/nonexistent"]), URL)
    kept = Secret(json.dumps({"url": URL} | SESSION.to_dict()))
    assert KeyringSessions(URL, kept, keep).load() == SESSION
    assert KeyringSessions(URL + "/other", kept, keep).load() is None
    assert KeyringSessions(URL, Secret("no json"), keep).load() is None
    assert KeyringSessions(URL, Secret("[]"), keep).load() is None
    assert KeyringSessions(URL, None, keep).load() is None


def test_a_session_that_the_keyring_does_not_take_is_used_in_this_process() -> None:
    store = KeyringSessions(URL, None, keep_now(Secrets(command=["/nonexistent"]), URL))
    store.save(SESSION)
    assert store.load() == SESSION
    store.forget()
    assert store.load() is None


def test_a_snooze_is_kept_until_it_is_taken_back(tmp_path: Path) -> None:
    file = StateFile(tmp_path / "state.json")
    assert file.snooze() is None
    file.mark_key("http://home:7801", present=True)
    chosen = Snooze(until_unix=1_800_000_000.0)
    file.keep_snooze(lambda: chosen)
    assert StateFile(file.path).snooze() == chosen
    file.keep_snooze(lambda: None)
    assert StateFile(file.path).snooze() is None
    assert file.has_key("http://home:7801")


def test_a_profile_has_folders_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    runtime = tmp_path / "run"
    runtime.mkdir(mode=0o700)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "c"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "s"))
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(runtime))
    normal, studio = folders(), folders("studio")
    assert normal == Folders(tmp_path / "c" / "swarmui-tray", tmp_path / "s" / "swarmui-tray", runtime / "swarmui-tray")
    assert studio.settings_file == tmp_path / "c" / "swarmui-tray" / "profiles" / "studio" / "settings.toml"
    assert studio.state_file == tmp_path / "s" / "swarmui-tray" / "profiles" / "studio" / "state.json"
    assert studio.runtime_sessions == runtime / "swarmui-tray" / "profiles" / "studio" / "sessions.json"
    assert normal.activity_log.parent == normal.debug_log.parent == normal.state


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "../x", "a b", "-x", "x" * 65, "a\n"])
def test_a_profile_cannot_leave_its_folder(name: str) -> None:
    with pytest.raises(UsageError, match="cannot be the name of a profile"):
        folders(name)


def test_a_runtime_folder_that_others_may_enter_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shared = tmp_path / "run"
    shared.mkdir()
    shared.chmod(0o755)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(shared))
    assert folders().runtime_sessions is None
    monkeypatch.delenv("XDG_RUNTIME_DIR")
    assert folders().runtime_sessions is None
    shared.chmod(0o700)
    assert is_private_folder(shared)
    link = tmp_path / "link"
    link.symlink_to(shared)
    assert not is_private_folder(link)
    assert not is_private_folder(tmp_path / "none")


def test_what_quiet_hours_hold_back_is_kept_until_there_is_nothing_left(tmp_path: Path) -> None:
    file = StateFile(tmp_path / "state.json")
    assert file.held() == {}
    file.keep_held(lambda: {"finished": 3, "failed": 1})
    assert StateFile(file.path).held() == {"finished": 3, "failed": 1}
    file.keep_held(dict)
    assert json.loads(file.path.read_text()).keys() == {"sessions", "keys", "schema"}


@pytest.mark.parametrize("held", ["[]", '{"finished": "3", "failed": 0, "lost": true, "back": -1}'])
def test_what_no_program_of_ours_has_written_counts_as_nothing_held_back(tmp_path: Path, held: str) -> None:
    path = tmp_path / "state.json"
    path.write_text(f'{{"held": {held}}}')
    assert StateFile(path).held() == {}
