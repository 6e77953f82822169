"""What `-v` shows holds no secret and has an end."""

import json

import pytest

from tray_app.core.exchange import shown


@pytest.mark.parametrize("key", ["session_id", "token", "password", "swarm_token"])
def test_secrets_are_masked_wherever_they_stand(key: str) -> None:
    body = json.dumps({"a": [{key: "geheim", "b": 1}]}).encode()
    assert "geheim" not in shown(body)
    assert '"b": 1' in shown(body)


def test_a_secret_that_is_cut_off_is_masked_too() -> None:
    body = b"x" * 7_980 + b'"session_id": "' + b"geheim" * 500
    assert "geheim" not in shown(body)


def test_a_long_body_is_cut_and_says_so() -> None:
    assert len(shown(b"x" * 100_000)) == 2001
    assert shown(b"x" * 100_000).endswith("…")


def test_bytes_that_are_no_text_are_replaced() -> None:
    assert shown(b"\xff\xfeab") == "��ab"
