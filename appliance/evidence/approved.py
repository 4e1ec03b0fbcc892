"""What an auditor can say of the approver's words in a bundle: the override of its verdict, the decisions on its stage.

Covers: each signature, by the key that the auditor was given; without one, by the key that the bundle itself carries,
whose fingerprint is told: whoever made the bundle may have made that key, too.
"""

from collections.abc import Iterator

from cryptography.hazmat.primitives.asymmetric import ec

from appliance.core.errors import ApplianceError
from appliance.evidence import dossier as names
from appliance.evidence.dossier import Dossier
from appliance.release.deciding import check_chain, check_open, from_plain
from appliance.release.overriding import check_override
from appliance.release.signing import key_id, read_public_pem

Key = ec.EllipticCurvePublicKey


def broken_override(dossier: Dossier, approver: Key | None) -> Iterator[str]:
    """Yield what is wrong with the word that overrides the verdict; a verdict that passes needs none."""
    judged = dossier.files[names.GATES]
    try:
        key = approver or (_carried(judged["override"]["approver_key"], names.GATES) if judged["override"] else None)
        if key is None:
            if not judged["passed"]:
                yield "the gates refuse, and nobody's word is there"
            return
        check_override(judged, key)
    except KeyError:
        yield "the override carries no signed word of an approver"
    except ApplianceError as error:
        yield error.message


def broken_decisions(dossier: Dossier, approver: Key | None) -> Iterator[str]:
    """Yield what is wrong with the chain: a signature, the order, or a stage that it does not open."""
    said = dossier.files[names.DECISIONS]
    chain = tuple(from_plain(each) for each in said["decisions"])
    try:
        if said["stage"] != "poc":
            check_chain(chain, approver or _carried(said["approver_key"], names.DECISIONS), said["project"])
        check_open(said["stage"], [each.decision for each in chain])
    except ApplianceError as error:
        yield error.message
    if said["stage"] != dossier.get(names.CARD, "stage"):
        yield "/stage"
    if said["stage"] != "poc" and said["project"] != dossier.get(names.CARD, "name"):
        yield "/project"


def unknown_key(pem: str | None, approver: Key | None) -> str:
    """Return whose signature an auditor without the approver's key has to take on trust; "" where there is no need."""
    if approver or not pem:
        return ""
    return f"signed with the key {key_id(_carried(pem, 'the bundle'))}, which is unknown here: give --approver-key"


def _carried(pem: str, where: str) -> Key:
    return read_public_pem(pem.encode(), where)
