"""The maker's signature of a received model, `model.sig`: by a key or by a certificate that the operator trusts.

Covers: OpenSSF model signing 1.0 as its reference implementation writes it; ECDSA on P-256, P-384 and P-521; the chain
of certificates up to the operator's own list, each of them valid now, the first one for signing. The reference checks
a certificate at the moment it became valid, so that an expired one passes, and falls back to the web's authorities;
neither happens here.
Does not cover: certificates that were revoked; signatures by a short-lived certificate with a transparency log, which
need a network.
"""

import base64
import binascii
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256, SHA384, SHA512, HashAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key
from cryptography.x509.oid import ExtendedKeyUsageOID
from cryptography.x509.verification import (
    Criticality,
    ExtensionPolicy,
    PolicyBuilder,
    Store,
    VerificationError,
)

from appliance.core.errors import IntegrityError, SettingsError
from appliance.release.signing import read_envelope, signed_bytes
from appliance.release.statement import SIGNATURE_FILE, Statement, read_statement

LIMIT = 1 << 20  # bytes of a signature
LONGEST_CHAIN = 8  # certificates
_HASHES: dict[str, type[HashAlgorithm]] = {"secp256r1": SHA256, "secp384r1": SHA384, "secp521r1": SHA512}


@dataclass(frozen=True, slots=True)
class Trust:
    """Whom the operator trusts; both files came by another way than the model."""

    key: Path | None = None  # PEM, the maker's public key
    certificates: Path | None = None  # PEM, certificates that a chain may end in
    now: datetime | None = None  # at which certificates must be valid; needed with `certificates`


@dataclass(frozen=True, slots=True)
class Signed:
    """What was signed, and by whom."""

    statement: Statement
    signer: str  # in words


def open_makers_signature(content: bytes, trust: Trust) -> Signed:
    """Check the signature against what the operator trusts, and only then read what was signed.

    Raises:
        IntegrityError: nobody whom the operator trusts signed it, or it is no signature of a model.
        SettingsError: a file of the trust cannot be read.
    """
    payload, signature = read_envelope(content[:LIMIT])
    chain = _chain(content[:LIMIT])
    if chain:
        key, signer = _key_of_chain(chain, trust)
    elif trust.key is not None:
        key = _public_key(trust.key)
        signer = f"the key {_key_id(key)[:16]}"
    else:
        raise _refused("was made with a key, and there is none to check it with", "set trusted_key in [intake]")
    try:
        key.verify(signature, signed_bytes(payload), ec.ECDSA(_HASHES[key.curve.name]()))
    except InvalidSignature:
        raise _refused(f"was not made with {signer}, or what it signs was changed", "fetch the model again") from None
    return Signed(read_statement(payload), signer)


def _chain(content: bytes) -> list[x509.Certificate]:
    """Return the certificates of a signature, the signer's first; none where it was made with a key."""
    try:
        material: Any = json.loads(content).get("verificationMaterial", {})
        one = material.get("certificate")  # the form of newer sigstore bundles
        found = [one] if one else material.get("x509CertificateChain", {}).get("certificates", [])
        raw = [base64.b64decode(each["rawBytes"], validate=True) for each in found[: LONGEST_CHAIN + 1]]
        certificates = [x509.load_der_x509_certificate(each) for each in raw]
    except (ValueError, KeyError, TypeError, AttributeError, binascii.Error):
        raise _refused("holds a certificate that cannot be read", "ask the maker for another signature") from None
    if len(certificates) > LONGEST_CHAIN:
        raise _refused(f"holds more than {LONGEST_CHAIN} certificates", "ask the maker for another signature")
    return certificates


def _key_of_chain(chain: Sequence[x509.Certificate], trust: Trust) -> tuple[ec.EllipticCurvePublicKey, str]:
    leaf = chain[0]
    if trust.certificates is None or trust.now is None:
        raise _refused("was made with a certificate", "set trusted_certificates in [intake] to whom you trust")
    policy = ExtensionPolicy.permit_all().may_be_present(x509.KeyUsage, Criticality.AGNOSTIC, None)
    verifier = (
        PolicyBuilder()
        .store(Store(_trusted(trust.certificates)))
        .time(trust.now)
        .max_chain_depth(LONGEST_CHAIN)
        .extension_policies(ca_policy=ExtensionPolicy.webpki_defaults_ca(), ee_policy=policy)
        .build_client_verifier()
    )
    signer = f"the certificate {leaf.fingerprint(SHA256()).hex()[:16]}"
    try:
        verifier.verify(leaf, list(chain[1:]))
    except (VerificationError, ValueError) as error:
        why = "is not valid now" if "not valid at" in str(error) else "does not lead to one that you trust"
        raise _refused(
            f"is by {signer}, which {why}", "ask the maker for a valid one, or add theirs to your list"
        ) from None
    key = leaf.public_key()
    if not _may_sign(leaf) or not isinstance(key, ec.EllipticCurvePublicKey) or key.curve.name not in _HASHES:
        raise _refused(f"is by {signer}, which is not for signing models", "ask the maker for another signature")
    return key, signer


def _may_sign(leaf: x509.Certificate) -> bool:
    try:
        if leaf.extensions.get_extension_for_class(x509.KeyUsage).value.digital_signature:
            return True
    except x509.ExtensionNotFound:
        pass
    try:
        usages = leaf.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except x509.ExtensionNotFound:
        return False
    return ExtendedKeyUsageOID.CODE_SIGNING in usages


def _trusted(file: Path) -> list[x509.Certificate]:
    try:
        return x509.load_pem_x509_certificates(file.read_bytes())
    except (OSError, ValueError) as error:
        raise SettingsError(f"{file}: no certificates as PEM", hint="correct trusted_certificates") from error


def _public_key(file: Path) -> ec.EllipticCurvePublicKey:
    try:
        key = load_pem_public_key(file.read_bytes())
    except (OSError, ValueError, UnsupportedAlgorithm) as error:
        raise SettingsError(f"{file}: no public key as PEM", hint="correct trusted_key in [intake]") from error
    if not (isinstance(key, ec.EllipticCurvePublicKey) and key.curve.name in _HASHES):
        raise SettingsError(f"{file}: no key on P-256, P-384 or P-521", hint="ask the maker for such a key")
    return key


def _key_id(key: ec.EllipticCurvePublicKey) -> str:
    return hashlib.sha256(key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)).hexdigest()


def _refused(what: str, hint: str) -> IntegrityError:
    return IntegrityError(f"{SIGNATURE_FILE} {what}", hint=hint)
