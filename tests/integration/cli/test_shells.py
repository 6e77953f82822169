"""Completion in real shells, and the manual page before real judges; both made from what --help is made from."""

import os
import pty
import re
import select
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.integration.cli.conftest import ROOT, CommandLine
from tray_app.cli.arguments import build_parser
from tray_app.cli.exit_codes import ExitCode
from tray_app.cli.grammar import grammar
from tray_app.cli.manual import EXIT_STATUS, page

SHELLS = ("bash", "zsh", "fish")
PROGRAM = grammar(build_parser())

STRANGE = "a b $(touch ran)"
QUOTED = r"a\ b\ \$\(touch\ ran\)"

CASES = [
    ("swarmui-tray sta", {"status"}, {"watch", "--json"}),
    ("swarmui-tray config ", {"path", "show", "set", "export", "import"}, {"status", "--json"}),
    ("swarmui-tray --url http://127.0.0.1:1 config se", {"set"}, {"servers", "setup"}),
    ("swarmui-tray --profile status con", {"config"}, {"--json"}),
    ("swarmui-tray wait --until ", {"idle", "busy", "reachable"}, {"--timeout"}),
    ("swarmui-tray cancel --every", {"--everyone"}, {"--until"}),
    ("swarmui-tray servers remove home --ke", {"--keep-key"}, {"--json"}),
    ("swarmui-tray completion ", {"bash", "zsh", "fish"}, {"status"}),
    ("swarmui-tray config import in", {"in-this-folder.toml"}, {"import"}),
    ("swarmui-tray --config in", {"in-this-folder.toml"}, {"status"}),
    ("swarmui-tray log --lines ", set(), {"--json", "status"}),
    ("swarmui-tray status --server ", {"home", "gpu"}, {"studio", "status"}),
    ("swarmui-tray status --server h", {"home"}, {"gpu", "studio"}),
    ("swarmui-tray --config other.toml servers remove stu", {"studio"}, {"home", "--json"}),
]


@pytest.fixture(scope="module")
def scripts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the script for each shell, one other file, the program by its name and two lists of servers."""
    cli = CommandLine(tmp_path_factory.mktemp("shells"))
    for shell in SHELLS:
        done = cli("completion", shell)
        assert (done.code, done.err) == (0, "")
        (cli.home / f"script.{shell}").write_text(done.out)
    (cli.home / "in-this-folder.toml").write_text("")
    (cli.home / "bin").mkdir()
    program = cli.home / "bin" / "swarmui-tray"
    program.write_text(f'#!/bin/sh\nPYTHONPATH="{ROOT}" exec "{sys.executable}" -m tray_app "$@"\n')
    program.chmod(0o755)
    cli.config.mkdir(parents=True)
    for file, names in (
        (cli.config / "settings.toml", ["home", "gpu", STRANGE]),
        (cli.home / "other.toml", ["studio"]),
    ):
        tables = [f'[[servers]]\nname = "{name}"\naddress = "http://127.0.0.1:1"\n' for name in names]
        file.write_text("".join(tables))
    return cli.home


def surroundings(scripts: Path) -> dict[str, str]:
    """In which the program can be called by its name, and finds its settings."""
    path = f"{scripts / 'bin'}:{os.environ['PATH']}"
    return {"PATH": path, "HOME": str(scripts), "XDG_CONFIG_HOME": str(scripts / "config")}


def run(scripts: Path, *command: str) -> str:
    done = subprocess.run(
        command,
        cwd=scripts,
        env=surroundings(scripts),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, ""), done
    return done.stdout


@pytest.mark.parametrize(("line", "offered", "not_offered"), CASES)
def test_bash_completes(scripts: Path, line: str, offered: set[str], not_offered: set[str]) -> None:
    *before, current = line.split(" ")
    words = " ".join(f"'{word}'" for word in (*before, current))
    script = (
        f"source ./script.bash; COMP_WORDS=({words}); COMP_CWORD={len(before)}; _swarmui_tray; "
        'printf "%s\\n" "${COMPREPLY[@]}"'
    )
    found = set(run(scripts, "bash", "--norc", "-c", script).split())
    assert offered <= found
    assert not found & not_offered
    assert offered or not found


@pytest.mark.skipif(not shutil.which("fish"), reason="fish is not installed")
@pytest.mark.parametrize(("line", "offered", "not_offered"), CASES)
def test_fish_completes(scripts: Path, line: str, offered: set[str], not_offered: set[str]) -> None:
    out = run(scripts, "fish", "--no-config", "-c", f"source ./script.fish; complete -C '{line}'")
    found = {each.partition("\t")[0] for each in out.splitlines()}
    assert offered <= found
    assert not found & not_offered


@pytest.mark.skipif(not shutil.which("zsh"), reason="zsh is not installed")
@pytest.mark.parametrize(("line", "offered", "not_offered"), CASES)
def test_zsh_completes(scripts: Path, line: str, offered: set[str], not_offered: set[str]) -> None:
    shown = typed_in_zsh(scripts, line, tabs=min(2, len(offered)))
    for word in offered:
        assert re.search(rf"(^|\s){re.escape(word)}\b", shown), shown
    for word in not_offered:
        assert not re.search(rf"(^|\s){re.escape(word)}\b", shown.replace(line.rpartition(" ")[0], "")), shown


def typed_in_zsh(scripts: Path, line: str, *, tabs: int) -> str:
    """What zsh shows after the line and Tab: the line as it was completed, and the list of what is offered."""
    main, other = pty.openpty()
    process = subprocess.Popen(
        ["zsh", "-f", "-i"],
        stdin=other,
        stdout=other,
        stderr=other,
        cwd=scripts,
        env=surroundings(scripts) | {"TERM": "dumb", "COLUMNS": "200", "LINES": "200"},
        start_new_session=True,
    )
    os.close(other)
    try:
        setting = "PS1=; unsetopt zle_bracketed_paste; stty -echo; autoload -Uz compinit; compinit -u -d ~/dump; "
        setting += "setopt no_list_beep auto_list no_always_last_prompt; source ./script.zsh; LISTMAX=0; "
        # A key that zsh gets to when it is done with those before it.
        setting += "tell() { print -n all''seen }; zle -N tell; bindkey '^G' tell; "
        os.write(main, f"{setting} echo rea''dy\n".encode())
        read_until(main, r"ready\r?\n")
        os.write(main, (line + "\t" * max(tabs, 1) + "\a").encode())
        shown = plain(read_until(main, "allseen"))
    finally:
        process.kill()
        process.wait()
        os.close(main)
    return shown


def read_until(handle: int, pattern: str) -> str:
    """Everything up to and with that pattern."""
    shown, deadline = "", time.monotonic() + 30
    while not re.search(pattern, shown):
        ready, _, _ = select.select([handle], [], [], max(0.0, deadline - time.monotonic()))
        assert ready, shown
        shown += os.read(handle, 65536).decode(errors="replace")
    return shown


def plain(shown: str) -> str:
    """Without control sequences."""
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]|[\r\x07\x08]", "", shown)


def test_a_name_is_offered_as_it_is_and_nothing_in_it_is_run(scripts: Path) -> None:
    line = "COMP_WORDS=(swarmui-tray status --server ''); COMP_CWORD=3; _swarmui_tray"
    out = run(scripts, "bash", "--norc", "-c", f'source ./script.bash; {line}; printf "%s\\n" "${{COMPREPLY[@]}}"')
    assert out.splitlines() == ["home", "gpu", STRANGE]
    if shutil.which("fish"):
        out = run(scripts, "fish", "--no-config", "-c", "source ./script.fish; complete -C 'swarmui-tray --server a'")
        assert [each.partition("\t")[0] for each in out.splitlines()] == [STRANGE]
    if shutil.which("zsh"):
        assert QUOTED in typed_in_zsh(scripts, "swarmui-tray --server a", tabs=1)
    assert not (scripts / "ran").exists()


# ---------------------------------------------------------------------------------------------------------- the manual


def test_the_manual_passes_man_and_mandoc(cli: CommandLine) -> None:
    done = cli("manual")
    assert (done.code, done.err) == (0, "")
    (cli.home / "swarmui-tray.1").write_text(done.out)
    shown = subprocess.run(
        ["man", "-l", "--warnings", "swarmui-tray.1"], cwd=cli.home, capture_output=True, text=True, check=True
    )
    assert shown.stderr == ""
    assert "servers add NAME ADDRESS" in shown.stdout
    if shutil.which("mandoc"):
        lint = ["mandoc", "-T", "lint", "-W", "error", "swarmui-tray.1"]
        assert subprocess.run(lint, cwd=cli.home, capture_output=True, text=True, check=False).stdout == ""


def test_every_command_and_option_stands_in_the_manual_with_its_text() -> None:
    text = page(PROGRAM, "").replace("\\-", "-").replace("\\fB", "").replace("\\fR", "").replace("\\fI", "")
    for command in PROGRAM.all():
        assert f".SS {' '.join(command.path)}" in text or not command.path
        for option in command.options:
            assert all(name in text for name in option.names)
    assert set(EXIT_STATUS) == set(ExitCode)


def test_every_command_and_option_has_a_text() -> None:
    for command in PROGRAM.all():
        assert command.text
        assert all(each.text for each in command.options), command.path
        assert all(each.text for each in command.arguments), command.path
