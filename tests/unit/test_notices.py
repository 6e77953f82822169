"""Which events are told, and what a click on them opens."""

from dataclasses import replace

import pytest

from tray_app.core.events import Event, EventKind
from tray_app.core.model import Abilities, Jobs, Outcome, Output, ServerStatus, State, UserJobs
from tray_app.core.notices import decide, target
from tray_app.core.settings import Notify, Settings
from tray_app.core.view import NoticeButton, Urgency

URL = "http://127.0.0.1:7801"
MAY_ALL = Abilities(cancel_all=True, cancel_current=True, open_folder=True)
HOME = ServerStatus("home", URL, State.IDLE, jobs=Jobs(total=0), can=MAY_ALL)


def event(kind: EventKind, **facts: object) -> Event:
    return Event(kind, "home", 0.0, **facts)  # type: ignore[arg-type]


def test_a_finish_names_the_server_shows_the_picture_and_opens_it() -> None:
    output = Output("raw/a b.png", "View/local/raw/a%20b.png")
    notice = decide(event(EventKind.FINISHED, jobs=2, seconds=30.0, output=output, picture=b"png"), Settings(), HOME)
    assert notice is not None
    assert (notice.title, notice.body) == ("Work finished (home)", "2 jobs done in 30\N{NO-BREAK SPACE}s.")
    assert notice.target == "http://127.0.0.1:7801/View/local/raw/a%20b.png"
    assert (notice.picture, notice.urgency, notice.subject) == (b"png", Urgency.NORMAL, "home/work")


def test_without_a_picture_a_click_opens_swarmui() -> None:
    assert target(event(EventKind.LOST), URL) == URL


@pytest.mark.parametrize(("seconds", "told"), [(19.9, False), (20.0, True), (None, True)])
def test_only_work_longer_than_the_threshold_is_told(seconds: float | None, told: bool) -> None:
    assert (decide(event(EventKind.FINISHED, seconds=seconds), Settings(), HOME) is not None) is told


@pytest.mark.parametrize(
    ("kind", "switch"),
    [
        (EventKind.FINISHED, "finished"),
        (EventKind.OUTPUTS, "finished"),
        (EventKind.FAILED, "failed"),
        (EventKind.LOST, "lost"),
        (EventKind.KEY_REFUSED, "lost"),
        (EventKind.BACK, "back"),
        (EventKind.CANCEL, "cancel"),
        (EventKind.RETURNED, "cancel"),
    ],
)
def test_each_kind_has_a_switch(kind: EventKind, switch: str) -> None:
    assert decide(event(kind), Settings(), HOME) is not None
    assert decide(event(kind), Settings(notify=Notify(**{switch: False})), HOME) is None  # type: ignore[arg-type]


def test_a_question_is_no_notification() -> None:
    assert decide(event(EventKind.CANCEL, outcome=Outcome.NEEDS_CONFIRMATION.value), Settings(), HOME) is None


@pytest.mark.parametrize("kind", [EventKind.FAILED, EventKind.LOST, EventKind.KEY_REFUSED, EventKind.BACK])
def test_trouble_stays_on_the_screen_only_by_choice(kind: EventKind) -> None:
    usual, chosen = (decide(event(kind), Settings(notify=Notify(trouble_stays=each)), HOME) for each in (False, True))
    assert usual is not None
    assert chosen is not None
    assert usual.urgency is Urgency.NORMAL
    assert chosen.urgency is (Urgency.NORMAL if kind is EventKind.BACK else Urgency.CRITICAL)


PICTURE = Output("raw/1.png", "View/local/raw/1.png")
BUSY = replace(HOME, state=State.GENERATING, jobs=Jobs(total=3))


def mine(jobs: int) -> ServerStatus:
    """A server with accounts that works for somebody else, and so much for us."""
    return replace(BUSY, user="ann", users=(UserJobs("bob", 3, 1), UserJobs("ann", jobs, 0)))


def nowhere(**can: str) -> ServerStatus:
    return replace(BUSY, can=replace(MAY_ALL, **can))


@pytest.mark.parametrize(
    ("kind", "output", "status", "here", "labels"),
    [
        (EventKind.FINISHED, PICTURE, HOME, True, "Open image, Open folder, Snooze 1 h"),
        (EventKind.FINISHED, PICTURE, HOME, False, "Open image, Open view, Snooze 1 h"),
        (
            EventKind.FINISHED,
            PICTURE,
            nowhere(open_folder="no"),
            True,
            "Open image, Open view, Cancel the rest, Snooze 1 h",
        ),
        (EventKind.FINISHED, None, HOME, True, "Open view, Snooze 1 h"),
        (EventKind.FINISHED, PICTURE, BUSY, True, "Open image, Open folder, Cancel the rest, Snooze 1 h"),
        (EventKind.RETURNED, None, BUSY, True, "Open view, Cancel the rest, Snooze 1 h"),
        (EventKind.FAILED, None, BUSY, True, "Open view, Cancel the rest, Snooze 1 h"),
        (EventKind.CANCEL, None, replace(BUSY, state=State.CANCELLING), True, "Open view, Cancel the rest, Snooze 1 h"),
        (EventKind.RETURNED, None, nowhere(cancel_all="no"), True, "Open view, Snooze 1 h"),
        (EventKind.FINISHED, None, mine(0), True, "Open view, Snooze 1 h"),
        (EventKind.RETURNED, None, mine(2), True, "Open view, Cancel the rest, Snooze 1 h"),
        (EventKind.LOST, None, BUSY, True, "Open view, Snooze 1 h"),
        (EventKind.BACK, None, BUSY, True, "Open view, Cancel the rest, Snooze 1 h"),
    ],
)
def test_which_buttons_there_are(
    kind: EventKind, output: Output | None, status: ServerStatus, here: bool, labels: str
) -> None:
    notice = decide(event(kind, output=output), Settings(), status, here=here)
    assert notice is not None
    assert ", ".join(label for _, label in notice.buttons) == labels
    assert {each for each, _ in notice.buttons} <= set(NoticeButton)


def test_loss_and_return_are_about_the_same_subject() -> None:
    lost, back = decide(event(EventKind.LOST), Settings(), HOME), decide(event(EventKind.BACK), Settings(), HOME)
    assert lost is not None
    assert back is not None
    assert lost.subject == back.subject
