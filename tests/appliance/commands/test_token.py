"""`appliance token`: a secret is shown once; what is kept cannot be used."""

import json


def test_a_secret_is_printed_once_and_kept_as_a_hash(call, tmp_path):
    done = call("token", "add", "press-shop", "--home", tmp_path)
    secret = done.out.strip()
    assert done.status == 0
    assert len(secret) >= 43  # 256 bits
    assert secret not in done.err
    kept = (tmp_path / "tokens.json").read_text()
    assert secret not in kept
    assert (tmp_path / "tokens.json").stat().st_mode & 0o777 == 0o600
    listed = call("token", "list", "--home", tmp_path, "--json").out
    assert json.loads(listed)["name"] == "press-shop"


def test_a_name_is_taken_once_and_can_be_removed(call, tmp_path):
    assert call("token", "add", "a", "--home", tmp_path).status == 0
    assert call("token", "add", "a", "--home", tmp_path).status == 2
    assert call("token", "add", "../b", "--home", tmp_path).status == 2
    assert call("token", "remove", "a", "--home", tmp_path).status == 0
    assert call("token", "remove", "a", "--home", tmp_path).status == 2


def test_a_damaged_file_lets_nobody_in(call, tmp_path):
    (tmp_path / "tokens.json").write_text("[1]")
    assert call("token", "list", "--home", tmp_path).status == 7
