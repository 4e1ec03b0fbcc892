"""An approver's signed word that a verdict which refuses is overridden, and why.

The approver is a second role with a second key: the key that signs bundles cannot approve. An approval is a folder of
two files, `approval.json` and `model.sig`, and is about one verdict: another one must be approved anew.
Covers: who approved (the holder of the key), what exactly, the reason; any change of it.
Does not cover: whether the reason is a good one.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec

from appliance.core.errors import IntegrityError, SettingsError
from appliance.core.hashing import canonical_json, digest_of, write_whole
from appliance.release.signing import key_id, open_signature, sign
from appliance.release.statement import SIGNATURE_FILE, Statement

APPROVAL = "approval.json"
NAME = "approval"  # in the signed statement: no bundle and no report bears it
DIGITS = 16  # of the verdict's digest, in the name of the folder


@dataclass(frozen=True, slots=True)
class Approval:
    """What an approver signs."""

    verdict: str  # SHA-256 of the gates that were seen
    gates: tuple[str, ...]  # that refuse, and are overridden
    by: str
    reason: str
    time: str  # UTC, seconds

    @property
    def content(self) -> bytes:
        """The canonical JSON, as it is signed."""
        return canonical_json(asdict(self)).encode()


@dataclass(frozen=True, slots=True)
class SignedApproval:
    """An approval and the content of its signature."""

    approval: Approval
    signature: str


def verdict_digest(gates: Sequence[Mapping[str, Any]], limits: Mapping[str, Any], ships: Mapping[str, Any]) -> str:
    """Return what an approver signs: the gates, their limits, and what was judged and would ship."""
    return digest_of({"gates": gates, "limits": limits, "ships": ships})


def write_approval(approval: Approval, key: ec.EllipticCurvePrivateKey, folder: Path) -> Path:
    """Sign an approval and put it below a folder; return its own folder.

    Raises:
        SettingsError: no name, or no reason is given.
    """
    if not (approval.by.strip() and approval.reason.strip()):
        raise SettingsError("an approval needs a name and a reason", hint="--by 'M. Sato' --reason '...'")
    target = folder / approval.verdict[:DIGITS]
    target.mkdir(parents=True, exist_ok=True)
    content = approval.content
    signature = sign(Statement(NAME, {APPROVAL: hashlib.sha256(content).hexdigest()}), key)
    write_whole(target / APPROVAL, content)
    write_whole(target / SIGNATURE_FILE, signature)
    return target


def find_approval(folder: Path, verdict: str, key: ec.EllipticCurvePublicKey) -> SignedApproval | None:
    """Return the approval of a verdict, or None where there is none.

    Raises:
        IntegrityError: there is one that another key signed, or that was changed.
    """
    target = folder / verdict[:DIGITS]
    if not (target / APPROVAL).exists():
        return None
    content = (target / APPROVAL).read_bytes()
    signature = (target / SIGNATURE_FILE).read_bytes()
    signed = open_signature(signature, key)
    if signed.name != NAME or signed.digests != {APPROVAL: hashlib.sha256(content).hexdigest()}:
        raise IntegrityError(f"{target}: the approval was changed since it was signed", hint="ask the approver")
    plain = json.loads(content)
    approval = Approval(**plain | {"gates": tuple(plain["gates"])})
    return SignedApproval(approval, signature.decode()) if approval.verdict == verdict else None


def check_roles(approver: ec.EllipticCurvePublicKey, signer: ec.EllipticCurvePublicKey) -> None:
    """Refuse one key for both roles.

    Raises:
        SettingsError: the approver's key is the one that signs bundles.
    """
    if key_id(approver) == key_id(signer):
        raise SettingsError("the approver's key is the one that signs bundles", hint="two roles need two keys")
