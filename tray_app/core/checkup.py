"""What a key can do on a server, in words: the permission report, and the steps of a connection test.

Which permission opens what, and which role holds it by default: src/Accounts/Permissions.cs.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from tray_app.core.model import Rights
from tray_app.core.truth import (
    COMFY_READ,
    COMFY_WRITE,
    COUNT_ALL,
    GENERATE,
    INTERRUPT_OTHERS,
    OPEN_FOLDER,
    READ_LOG,
    SEE_BACKENDS,
    SEE_HISTORY,
)


class Step(NamedTuple):
    """One step of a connection test: `ok` is None where it was not tried."""

    name: str
    ok: bool | None
    text: str


def usable(steps: Iterable[Step]) -> bool:
    """Whether the server can be used. What the key may not do costs nothing; the first step of "May" is the reading."""
    steps = tuple(steps)
    before = [step.ok for step in steps if step.name != "May"]
    reading = next((step.ok for step in steps if step.name == "May"), None)
    return bool(reading) and all(before)


@dataclass(frozen=True, slots=True)
class Ability:
    """Something that the tray can do with the permissions, and what it does without one of them.

    `route` is one that every SwarmUI with this ability has, and that is asked for with each reading.
    """

    what: str
    permissions: tuple[str, ...]
    without: str
    route: str = ""


ABILITIES = (
    Ability(
        "see how many jobs the server has",
        (COUNT_ALL,),
        "only ComfyUI's queue, or nothing, tells of the work",
        "GetGlobalStatus",
    ),
    Ability("cancel all of your jobs", (GENERATE,), "nothing can be cancelled"),
    Ability("see the backends", (SEE_BACKENDS,), "only the state of all backends together is shown"),
    Ability(
        "cancel the running job alone, and know that it stopped",
        (COMFY_READ, COMFY_WRITE, SEE_BACKENDS),
        "only everything can be cancelled, and whether it stopped is not seen",
    ),
    Ability(
        "cancel other people's work",
        (INTERRUPT_OTHERS, COUNT_ALL),
        "only your own user's work can be cancelled",
        "GetGlobalStatus",  # a little older than AdminInterruptUser, which is not asked for by way of trial
    ),
    Ability("learn of failed jobs", (READ_LOG,), "failures of jobs stay unknown"),
    Ability("see the newest picture", (SEE_HISTORY,), "notifications come without a picture"),
    Ability(
        "open the folder of a picture on the server's own screen",
        (OPEN_FOLDER,),
        "notifications only offer to open it in the browser",
    ),
)


def permission_report(rights: Rights) -> tuple[Step, ...]:
    """Per ability: whether the key has it, else the permission to ask the server's admin for and what goes without."""
    report = []
    for ability in ABILITIES:
        lacking = [each for each in ability.permissions if not rights.may(each)]
        if ability.route in rights.missing_routes:
            text = f"With this SwarmUI no key can {ability.what}: {ability.without}. Update it to 0.9.8 or newer."
            report.append(Step("May", ok=False, text=text))
        elif not lacking:
            report.append(Step("May", ok=True, text=f"This key can {ability.what}."))
        else:
            ask = " and ".join(part for part in (", ".join(lacking[:-1]), lacking[-1]) if part)
            text = f"This key cannot {ability.what}: {ability.without}. Ask the server's admin for {ask}."
            report.append(Step("May", ok=False, text=text))
    return tuple(report)
