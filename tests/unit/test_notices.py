"""Which events are told, and what a click on them opens."""

import pytest

from tray_app.core.model import Event, EventKind, Outcome, Output
from tray_app.core.notices import decide, target
from tray_app.core.settings import Notify, Settings
from tray_app.core.view import Urgency

URL = "http://127.0.0.1:7801"


def event(kind: EventKind, **facts: object) -> Event:
    return Event(kind, "home", 0.0, **facts)  # type: ignore[arg-type]


def test_a_finish_names_the_server_shows_the_picture_and_opens_it() -> None:
    output = Output("raw/a b.png", "View/local/raw/a%20b.png")
    notice = decide(event(EventKind.FINISHED, jobs=2, seconds=30.0, output=output, picture=b"png"), Settings(), URL)
    assert notice is not None
    assert (notice.title, notice.body) == ("Work finished (home)", "2 jobs done in 30 s.")
    assert notice.target == "http://127.0.0.1:7801/View/local/raw/a%20b.png"
    assert (notice.picture, notice.urgency, notice.subject) == (b"png", Urgency.NORMAL, "home/work")


def test_without_a_picture_a_click_opens_swarmui() -> None:
    assert target(event(EventKind.LOST), URL) == URL


@pytest.mark.parametrize(("seconds", "told"), [(19.9, False), (20.0, True), (None, True)])
def test_only_work_longer_than_the_threshold_is_told(seconds: float | None, told: bool) -> None:
    assert (decide(event(EventKind.FINISHED, seconds=seconds), Settings(), URL) is not None) is told


@pytest.mark.parametrize(
    ("kind", "switch"),
    [
        (EventKind.FINISHED, "finished"),
        (EventKind.FAILED, "failed"),
        (EventKind.LOST, "lost"),
        (EventKind.KEY_REFUSED, "lost"),
        (EventKind.BACK, "back"),
        (EventKind.CANCEL, "cancel"),
        (EventKind.RETURNED, "cancel"),
    ],
)
def test_each_kind_has_a_switch(kind: EventKind, switch: str) -> None:
    assert decide(event(kind), Settings(), URL) is not None
    assert decide(event(kind), Settings(notify=Notify(**{switch: False})), URL) is None  # type: ignore[arg-type]


def test_a_question_is_no_notification() -> None:
    assert decide(event(EventKind.CANCEL, outcome=Outcome.NEEDS_CONFIRMATION.value), Settings(), URL) is None


def test_trouble_is_loud() -> None:
    for kind in (EventKind.FAILED, EventKind.LOST, EventKind.KEY_REFUSED):
        notice = decide(event(kind), Settings(), URL)
        assert notice is not None
        assert notice.urgency is Urgency.CRITICAL


def test_loss_and_return_are_about_the_same_subject() -> None:
    lost, back = decide(event(EventKind.LOST), Settings(), URL), decide(event(EventKind.BACK), Settings(), URL)
    assert lost is not None
    assert back is not None
    assert lost.subject == back.subject
