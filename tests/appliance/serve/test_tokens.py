"""Who is asked for a secret."""

from pathlib import Path

import pytest

from appliance.serve.tokens import Guard, add_token, remove_token


@pytest.mark.parametrize("always", [False, True])
def test_without_the_last_token_only_this_machine_may_ask(tmp_path: Path, always: bool) -> None:
    guard = Guard(tmp_path, always=always)
    assert guard.is_needed == always
    secret = add_token(tmp_path, "press-shop")
    assert guard.is_needed and guard.client(secret) == "press-shop"
    remove_token(tmp_path, "press-shop")
    assert guard.is_needed == always
    assert guard.client(secret) is None
