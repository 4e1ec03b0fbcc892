"""The signature of a bundle: `model.sig`, a Sigstore bundle around a DSSE envelope around the statement.

Covers: who made the bundle (the holder of the private key) and that nothing was changed since.
Does not cover: whether the model is good, or that this is the newest bundle.

Deterministic ECDSA (RFC 6979) on P-256: the same content gives the same bytes.
Formats: github.com/ossf/model-signing-spec v1.0, github.com/secure-systems-lab/dsse v1.
"""

import base64
import binascii
import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from appliance.core.errors import IntegrityError, SettingsError
from appliance.core.hashing import write_whole
from appliance.release.statement import HINT, SIGNATURE_FILE, Statement, read_statement, write_statement

PAYLOAD_TYPE = "application/vnd.in-toto+json"
MEDIA_TYPE = "application/vnd.dev.sigstore.bundle.v0.3+json"
PRIVATE_KEY_FILE = "signing-key.pem"
PUBLIC_KEY_FILE = "trusted-key.pem"


@dataclass(frozen=True, slots=True)
class KeyPair:
    """Two PEM files: the private one stays with the maker, the public one goes to every factory by another way."""

    private: Path
    public: Path
    id: str


def generate_key(folder: Path) -> KeyPair:
    """Make a P-256 key pair in a folder; the private file can be read by its owner only.

    Each file is whole or absent. The private one comes first: the public one follows from it.

    Raises:
        SettingsError: there is a key already.
    """
    private, public = folder / PRIVATE_KEY_FILE, folder / PUBLIC_KEY_FILE
    if private.exists():
        raise SettingsError(f"{private}: there is a key already", hint="use it, or move it away first")
    folder.mkdir(parents=True, exist_ok=True)
    key = ec.generate_private_key(ec.SECP256R1())
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    write_whole(private, pem, mode=0o600)
    write_whole(public, public_pem(key.public_key()).encode())
    return KeyPair(private, public, key_id(key.public_key()))


def load_private_key(file: Path) -> ec.EllipticCurvePrivateKey:
    """Read a private key.

    Raises:
        SettingsError: there is none, or it is not an unencrypted P-256 key.
    """
    try:
        key = load_pem_private_key(_content(file), None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise _no_key(file) from None
    if not (isinstance(key, ec.EllipticCurvePrivateKey) and isinstance(key.curve, ec.SECP256R1)):
        raise _no_key(file)
    return key


def load_public_key(file: Path) -> ec.EllipticCurvePublicKey:
    """Read a trusted public key.

    Raises:
        SettingsError: there is none, or it is not a P-256 key.
    """
    return read_public_pem(_content(file), file)


def key_id(key: ec.EllipticCurvePublicKey) -> str:
    """Return the SHA-256 of a public key's PEM, as the specification's `hint` has it."""
    return hashlib.sha256(public_pem(key).encode()).hexdigest()


def public_pem(key: ec.EllipticCurvePublicKey) -> str:
    """Return a public key as PEM."""
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def read_public_pem(pem: bytes, where: Path | str) -> ec.EllipticCurvePublicKey:
    """Return the key of a PEM text that was found in `where`.

    Raises:
        SettingsError: it is not a P-256 key.
    """
    try:
        key = load_pem_public_key(pem)
    except (ValueError, UnsupportedAlgorithm):
        raise _no_key(where) from None
    if not (isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1)):
        raise _no_key(where)
    return key


def sign(statement: Statement, key: ec.EllipticCurvePrivateKey) -> bytes:
    """Return the content of `model.sig`."""
    payload = write_statement(statement)
    signature = key.sign(signed_bytes(payload), ec.ECDSA(SHA256(), deterministic_signing=True))
    return _bundle(payload, signature, key.public_key())


def open_signature(content: bytes, key: ec.EllipticCurvePublicKey) -> Statement:
    """Check the signature with the trusted key, and only then read what was signed.

    Raises:
        IntegrityError: another key signed it, it was changed, or it is no signature of a model.
    """
    payload, signature = read_envelope(content)
    try:
        key.verify(signature, signed_bytes(payload), ec.ECDSA(SHA256()))
    except InvalidSignature:
        raise IntegrityError(
            f"{SIGNATURE_FILE} was not made with the trusted key {key_id(key)[:16]}, or the statement was changed",
            hint="compare the key's id with the maker's; if it is right, do not use this bundle",
        ) from None
    if content != _bundle(payload, signature, key):  # nothing in the file may vary without breaking the signature
        raise IntegrityError(f"{SIGNATURE_FILE} was changed outside of the signed statement", hint=HINT)
    return read_statement(payload)


def _bundle(payload: bytes, signature: bytes, key: ec.EllipticCurvePublicKey) -> bytes:
    bundle = {
        "mediaType": MEDIA_TYPE,
        "verificationMaterial": {"publicKey": {"hint": key_id(key)}, "tlogEntries": []},
        "dsseEnvelope": {
            "payload": base64.b64encode(payload).decode(),
            "payloadType": PAYLOAD_TYPE,
            "signatures": [{"sig": base64.b64encode(signature).decode(), "keyid": ""}],
        },
    }
    return json.dumps(bundle, sort_keys=True, indent=1).encode() + b"\n"


def read_envelope(content: bytes) -> tuple[bytes, bytes]:
    """Return what a `model.sig` signs and the signature over it; neither is checked.

    Raises:
        IntegrityError: it is no signature of a model.
    """
    try:
        bundle = json.loads(content)
        envelope = bundle["dsseEnvelope"]
        kinds = (bundle["mediaType"], envelope["payloadType"], len(envelope["signatures"]))
        payload = base64.b64decode(envelope["payload"], validate=True)
        signature = base64.b64decode(envelope["signatures"][0]["sig"], validate=True)
    # a deep nest of brackets ends the parser with a RecursionError
    except (ValueError, KeyError, TypeError, IndexError, RecursionError, binascii.Error):
        raise IntegrityError(f"{SIGNATURE_FILE} is not a signature of a model", hint=HINT) from None
    if kinds != (MEDIA_TYPE, PAYLOAD_TYPE, 1):
        raise IntegrityError(f"{SIGNATURE_FILE} is a signature of another kind", hint=HINT)
    return payload, signature


def signed_bytes(payload: bytes) -> bytes:
    """Return DSSE's pre-authentication encoding, which binds the type of the payload."""
    return b"DSSEv1 %d %s %d %s" % (len(PAYLOAD_TYPE), PAYLOAD_TYPE.encode(), len(payload), payload)


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise SettingsError(f"{file}: the key cannot be read: {error.strerror}", hint="give the key's file") from None


def _no_key(file: Path | str) -> SettingsError:
    return SettingsError(f"{file}: not an EC P-256 key as PEM without a passphrase", hint="give such a key's file")
