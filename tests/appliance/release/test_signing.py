import base64
import json
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from hypothesis import given
from hypothesis import strategies as st

from appliance.core.errors import IntegrityError, SettingsError
from appliance.release.signing import (
    KeyPair,
    generate_key,
    load_private_key,
    load_public_key,
    open_signature,
    sign,
)
from appliance.release.statement import Statement, is_plain_name, read_statement, write_statement

PRIVATE = ec.derive_private_key(0x1234567, ec.SECP256R1())
STATEMENT = Statement("work-orders", {"model.onnx": "ab" * 32, "証拠/報告.txt": "cd" * 32, "a/b": "ef" * 32})


def changed(**changes: object) -> bytes:
    return json.dumps({**json.loads(write_statement(STATEMENT)), **changes}).encode()


def test_what_is_signed_is_what_is_read() -> None:
    assert open_signature(sign(STATEMENT, PRIVATE), PRIVATE.public_key()) == STATEMENT


def test_the_same_statement_gives_the_same_signature() -> None:
    assert sign(STATEMENT, PRIVATE) == sign(STATEMENT, PRIVATE)


def test_the_envelope_is_a_sigstore_bundle_with_an_in_toto_statement() -> None:
    bundle = json.loads(sign(STATEMENT, PRIVATE))
    payload = json.loads(base64.b64decode(bundle["dsseEnvelope"]["payload"]))
    assert bundle["mediaType"] == "application/vnd.dev.sigstore.bundle.v0.3+json"
    assert payload["_type"] == "https://in-toto.io/Statement/v1"
    assert payload["predicateType"] == "https://model_signing/signature/v1.0"
    assert [item["name"] for item in payload["predicate"]["resources"]] == ["a/b", "model.onnx", "証拠/報告.txt"]


@pytest.mark.parametrize(
    "payload",
    [
        changed(_type="https://in-toto.io/Statement/v0.1"),
        changed(predicateType="https://model_signing/Digests/v0.1"),
        changed(subject=[]),
        changed(subject=[{"name": "work-orders", "digest": {"sha256": "00" * 32}}]),
        changed(predicate={"serialization": {"method": "shards"}, "resources": []}),
        changed(predicate={"serialization": {"method": "files"}, "resources": [{"name": 7}]}),
        b"[]",
        b"not json",
        b"[" * 100_000,
    ],
    ids=range(9),
)
def test_a_statement_of_another_kind_is_refused_even_when_it_is_signed(payload: bytes) -> None:
    with pytest.raises(IntegrityError):
        read_statement(payload)


@pytest.mark.parametrize(
    "names", [("A", "a"), ("ä", "Ä"), ("../a", "b"), (".git/a", "b"), ("model.sig", "b"), ("c:x", "b")]
)
def test_names_that_collide_or_leave_the_folder_are_refused(names: tuple[str, str]) -> None:
    with pytest.raises(IntegrityError, match="names"):
        read_statement(write_statement(Statement("x", dict.fromkeys(names, "ab" * 32))))


@given(st.text(max_size=30))
def test_a_plain_name_stays_inside_its_folder(name: str) -> None:
    if is_plain_name(name):
        assert Path("/root", name).resolve().is_relative_to("/root")
        assert name not in ("", ".", "..")


def test_a_changed_hint_is_refused() -> None:
    content = sign(STATEMENT, PRIVATE).replace(b'"keyid": ""', b'"keyid": "x"')
    with pytest.raises(IntegrityError, match="outside of the signed statement"):
        open_signature(content, PRIVATE.public_key())


def test_the_private_key_is_readable_by_its_owner_only(tmp_path: Path) -> None:
    pair = generate_key(tmp_path)
    assert pair.private.stat().st_mode & 0o777 == 0o600
    signature = load_private_key(pair.private).sign(b"x", ec.ECDSA(SHA256()))
    load_public_key(pair.public).verify(signature, b"x", ec.ECDSA(SHA256()))


def test_a_key_is_never_overwritten(tmp_path: Path) -> None:
    before = generate_key(tmp_path).private.read_bytes()
    with pytest.raises(SettingsError, match="already"):
        generate_key(tmp_path)
    assert (tmp_path / "signing-key.pem").read_bytes() == before


def test_a_file_that_is_no_p256_key_is_refused(tmp_path: Path) -> None:
    other = ec.generate_private_key(ec.SECP384R1())
    (tmp_path / "p384.pem").write_bytes(other.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    (tmp_path / "text.pem").write_text("no key", encoding="utf-8")
    for name in ("p384.pem", "text.pem", "missing.pem"):
        with pytest.raises(SettingsError):
            load_private_key(tmp_path / name)
        with pytest.raises(SettingsError):
            load_public_key(tmp_path / name)


def test_a_private_key_is_not_taken_for_a_trusted_one(keys: KeyPair) -> None:
    with pytest.raises(SettingsError, match="not an EC P-256 key"):
        load_public_key(keys.private)
