"""The pinned requirements: what is in them, and that they are not older than what the project asks for."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[2]
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
GROUPS = {"requirements.txt": "build", "requirements-test.txt": "dev"}


def lines(name: str) -> list[str]:
    return (ROOT / "packaging" / name).read_text("utf-8").splitlines()


def pins(name: str) -> dict[str, Requirement]:
    """By name of the package; the hashes are left out."""
    parsed = (Requirement(line.removesuffix("\\")) for line in lines(name) if not line.startswith(" "))
    return {each.name: each for each in parsed}


def asked_for(group: str) -> list[Requirement]:
    """What the project needs to run, to serve the demo, and in that group."""
    found = [*PROJECT["project"]["dependencies"], *PROJECT["project"]["optional-dependencies"]["demo"]]
    waiting = [group]
    while waiting:
        for entry in PROJECT["dependency-groups"][waiting.pop()]:
            if isinstance(entry, str):
                found.append(entry)
            else:
                waiting.append(entry["include-group"])
    return [Requirement(text) for text in found]


@pytest.mark.parametrize("name", GROUPS)
def test_every_line_is_a_pin_or_a_hash_and_none_names_an_index(name: str) -> None:
    pin = r"[a-z0-9-]+==[\w.]+( ; .+)? \\"
    digest = r" {4}--hash=sha256:[0-9a-f]{64}( \\)?"

    assert [line for line in lines(name) if not re.fullmatch(f"{pin}|{digest}", line)] == []


@pytest.mark.parametrize(("name", "group"), GROUPS.items())
def test_what_the_project_asks_for_is_pinned_within_its_bounds(name: str, group: str) -> None:
    pinned = pins(name)

    for asked in asked_for(group):
        (version,) = pinned[asked.name].specifier
        assert asked.specifier.contains(version.version), asked


def test_the_tests_run_on_what_users_get() -> None:
    users, tests = pins("requirements.txt"), pins("requirements-test.txt")

    assert {name: pin.specifier for name, pin in users.items()} == {
        name: pin.specifier for name, pin in tests.items() if name in users
    }


def test_the_build_backend_is_asked_for_as_the_build_asks_for_it() -> None:
    assert PROJECT["dependency-groups"]["build"] == PROJECT["build-system"]["requires"]
