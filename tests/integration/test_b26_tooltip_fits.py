"""B26: tooltips too long. Windows shows 127 UTF-16 units; more is cut anywhere, or stops all updates with an error."""

from dataclasses import replace

from hypothesis import example, given
from hypothesis import strategies as st

from tray_app.core import watch
from tray_app.core.model import Jobs, ServerStatus, State
from tray_app.core.present import TOOLTIP_UNITS, headline_of, tray_view
from tray_app.core.view import TrayView
from tray_app.core.watch import WatchState

NOW = 10_000.0
TEXTS = st.text(max_size=300)
NUMBERS = st.integers(0, 10**12) | st.none()
JOBS = st.builds(Jobs, total=NUMBERS, running=NUMBERS, queued=NUMBERS, loading=NUMBERS, at_least=st.booleans())


def _view(state: WatchState, note: str) -> TrayView:
    return tray_view(state, (), NOW, lambda _time: "12:31", note=note)


def _state(state: State, name: str, jobs: Jobs, *, stale: bool) -> WatchState:
    begun = watch.begin(name, "http://x")
    status: ServerStatus = replace(begun.status, state=state, jobs=jobs)
    return replace(begun, status=status, misses=int(stale), seen_at=NOW - 90)


@given(st.sampled_from(State), TEXTS, JOBS, TEXTS, st.booleans())
@example(State.IDLE, "\N{PARTY POPPER}" * 200, Jobs(), "\N{PARTY POPPER}" * 200, True)
@example(State.IDLE, "a" + "\N{PARTY POPPER}" * 200, Jobs(), "", False)
def test_b26_any_tooltip_fits_windows_and_begins_with_the_state(
    state: State, name: str, jobs: Jobs, note: str, stale: bool
) -> None:
    shown = _state(state, name, jobs, stale=stale)
    tooltip = _view(shown, note).tooltip
    assert len(tooltip.encode("utf-16-le", "surrogatepass")) // 2 <= TOOLTIP_UNITS == 127
    assert tooltip.startswith(headline_of(shown, NOW))
    tooltip.encode("utf-16-le", "strict")  # no half of a pair is left at the cut
