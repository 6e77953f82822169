"""Secrets as values: they compare, but they never show and never travel."""

import pickle

import pytest

from tray_app.core.errors import SecretsError
from tray_app.core.secret import KeyAnswer, KeyringState, KeyringUnavailable, Secret, SecretKind, may_hold_key

CANARY = "canary-5e1"


@pytest.mark.parametrize(
    ("text", "may"),
    [
        ("22:00-07:00", False),
        ("every second tuesday in the month", False),
        ("Bearer x", True),
        ("http://ann:x@host", True),
        ("swarm_token=x", True),
        ("616e6e61.0123456789abcdef.0123456789abcdef", True),
        ("a" * 19, False),
        ("a" * 20, True),
    ],
)
def test_what_may_be_a_key_is_told_from_a_typing_error(text: str, may: bool) -> None:
    assert may_hold_key(text) is may


def test_a_secret_shows_as_an_ellipsis_wherever_it_is_printed() -> None:
    secret = Secret(CANARY)
    answer = KeyAnswer("http://127.0.0.1:7801", {SecretKind.TOKEN: secret})
    shown = [repr(secret), str(secret), f"{secret}", "%s" % secret, repr(answer), repr([secret])]  # noqa: UP031
    assert shown[:4] == ["…"] * 4
    assert CANARY not in "".join(shown)


def test_a_secret_has_no_attribute_that_shows_it() -> None:
    secret = Secret(CANARY)
    assert not hasattr(secret, "__dict__")
    assert [name for name in dir(secret) if not name.startswith("_")] == ["reveal"]
    assert secret.reveal() == CANARY


def test_secrets_are_equal_by_their_text_and_to_nothing_else() -> None:
    assert Secret("é") == Secret("é")
    assert hash(Secret("a")) == hash(Secret("a"))
    assert Secret("a") != Secret("b")
    assert Secret("a") != "a"


def test_an_empty_secret_is_false() -> None:
    assert not Secret("")
    assert Secret("a")


def test_a_secret_cannot_be_pickled() -> None:
    with pytest.raises(TypeError, match="does not travel"):
        pickle.dumps(Secret(CANARY))


@pytest.mark.parametrize("state", KeyringState)
def test_every_state_of_the_keyring_says_what_happened_and_what_to_do(state: KeyringState) -> None:
    error = KeyringUnavailable(state)
    assert isinstance(error, SecretsError)
    assert error.state is state
    assert error.title.endswith(".")
    assert error.advice.endswith(".")


def test_no_two_states_of_the_keyring_say_the_same() -> None:
    assert len({str(KeyringUnavailable(state)) for state in KeyringState}) == len(KeyringState)
