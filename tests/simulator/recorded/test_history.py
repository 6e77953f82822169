"""The two rules for counters bite: nothing recorded may be missing, nothing that lasts may be added."""

from tests.simulator.recorded.history import differences

EVER = [(0.0, 10.0)]


def test_values_of_no_duration_may_come_in_addition() -> None:
    assert differences(["a", "c"], [(0.0, "a"), (1.0, "b"), (1.0, "c")], EVER) == []


def test_a_value_shorter_than_100_ms_may_come_in_addition() -> None:
    assert differences(["a", "c"], [(0.0, "a"), (1.0, "b"), (1.09, "c")], EVER) == []


def test_a_missing_recorded_value_is_found() -> None:
    assert len(differences(["a", "b", "c"], [(0.0, "a"), (1.0, "c")], EVER)) == 1


def test_recorded_values_in_another_order_are_found() -> None:
    assert len(differences(["a", "c", "b"], [(0.0, "a"), (1.0, "b"), (1.01, "c")], [])) == 1


def test_an_added_value_that_lasts_100_ms_is_found() -> None:
    assert len(differences(["a", "c"], [(0.0, "a"), (1.0, "b"), (1.1, "c")], EVER)) == 1


def test_an_added_value_that_was_told_every_50_ms_is_found() -> None:
    told = [(0.05 * tick, "b" if 10 <= tick < 13 else "a" if tick < 10 else "c") for tick in range(20)]
    assert len(differences(["a", "c"], told, EVER)) == 1


def test_an_added_value_outside_the_polled_time_is_not_held_against_it() -> None:
    assert differences(["a", "c"], [(0.0, "a"), (1.0, "b"), (2.0, "c")], [(0.0, 0.9), (2.0, 3.0)]) == []


def test_a_lasting_value_that_was_recorded_once_but_comes_twice_is_found() -> None:
    assert len(differences(["a", "b", "a"], [(0.0, "a"), (1.0, "b"), (2.0, "a"), (3.0, "b")], EVER)) == 1


def test_polls_that_saw_the_same_value_again_count_once() -> None:
    assert differences(["a", "a", "b", "b"], [(0.0, "a"), (1.0, "b")], EVER) == []
