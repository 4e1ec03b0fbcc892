"""Signatures of makers, as the reference implementation writes them: whom the operator trusts, and nobody else."""

import base64
import json
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256, SHA384, SHA512
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from appliance.base_model.makers_signature import Trust, open_makers_signature
from appliance.base_model.provenance import ancestry, origin
from appliance.core.errors import IntegrityError, SettingsError
from appliance.release.signing import MEDIA_TYPE, PAYLOAD_TYPE, public_pem, signed_bytes
from appliance.release.statement import Statement, write_statement

NOW = datetime(2026, 11, 24, tzinfo=UTC)
DAY = timedelta(days=1)
DIGESTS = {"model.safetensors": "a" * 64, "設定.json": "b" * 64}
HASHES = {"secp256r1": SHA256, "secp384r1": SHA384, "secp521r1": SHA512}
CODE_SIGNING = [ExtendedKeyUsageOID.CODE_SIGNING]


class Party:
    """A certificate with its private key, and the certificates between it and its root."""

    def __init__(self, name, issuer=None, *, ca=False, curve=None, signs=True, usage=None, days=(-1, 30)):
        self.key = ec.generate_private_key(curve or ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        signing_key = issuer.key if issuer else self.key
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(issuer.certificate.subject if issuer else subject)
            .public_key(self.key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(NOW + days[0] * DAY)
            .not_valid_after(NOW + days[1] * DAY)
            .add_extension(x509.BasicConstraints(ca, None), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(self.key.public_key()), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signing_key.public_key()), critical=False)
            .add_extension(
                x509.KeyUsage(signs and not ca, False, not (signs or ca), False, False, ca, ca, False, False),
                critical=True,
            )
        )
        if usage:
            builder = builder.add_extension(x509.ExtendedKeyUsage(usage), critical=False)
        self.certificate = builder.sign(signing_key, SHA256())
        self.between = [*issuer.chain] if issuer and issuer.between is not None else []
        self.is_root = issuer is None

    @property
    def chain(self):
        """This certificate and those above it, without the root."""
        return [] if self.is_root else [self.certificate, *self.between]


def signature(party, chain=None, digests=DIGESTS, changed=b""):
    """A model.sig as the reference writes it: other spacing and order than ours."""
    payload = write_statement(Statement("tiny", digests))
    sig = party.key.sign(signed_bytes(payload), ec.ECDSA(HASHES[party.key.curve.name]()))
    raw = [{"rawBytes": base64.b64encode(each.public_bytes(Encoding.DER)).decode()} for each in chain or ()]
    material = {"x509CertificateChain": {"certificates": raw}} if chain else {"publicKey": {"hint": ""}}
    envelope = {
        "payload": base64.b64encode(payload + changed).decode(),
        "payloadType": PAYLOAD_TYPE,
        "signatures": [{"sig": base64.b64encode(sig).decode(), "keyid": ""}],
    }
    bundle = {"mediaType": MEDIA_TYPE, "verificationMaterial": material | {"tlogEntries": []}, "dsseEnvelope": envelope}
    return json.dumps(bundle).encode()


@pytest.fixture
def root():
    return Party("Root", ca=True)


@pytest.fixture
def trust(root, tmp_path):
    file = tmp_path / "trusted.pem"
    file.write_bytes(Party("Another", ca=True).certificate.public_bytes(Encoding.PEM))
    with file.open("ab") as stream:
        stream.write(root.certificate.public_bytes(Encoding.PEM))
    return Trust(certificates=file, now=NOW)


@pytest.mark.parametrize("curve", [ec.SECP256R1(), ec.SECP384R1(), ec.SECP521R1()], ids=lambda curve: curve.name)
def test_a_makers_key_on_any_of_the_three_curves_is_taken(tmp_path, curve):
    party = Party("Maker", curve=curve)
    (tmp_path / "key.pem").write_text(public_pem(party.key.public_key()))
    opened = open_makers_signature(signature(party), Trust(key=tmp_path / "key.pem"))
    assert opened.statement.digests == DIGESTS
    with pytest.raises(IntegrityError, match="was not made with the key"):
        open_makers_signature(signature(Party("Other", curve=curve)), Trust(key=tmp_path / "key.pem"))


@pytest.mark.parametrize("usage", [{}, {"signs": False, "usage": CODE_SIGNING}], ids=["signs", "code signing"])
def test_a_certificate_that_leads_to_a_trusted_one_is_taken(root, trust, usage):
    between = Party("Between", root, ca=True)
    leaf = Party("Maker", between, **usage)
    opened = open_makers_signature(signature(leaf, leaf.chain), trust)
    assert opened.statement.digests == DIGESTS
    assert opened.signer == f"the certificate {leaf.certificate.fingerprint(SHA256()).hex()[:16]}"


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"days": (-30, -1)}, "not valid now"),
        ({"days": (1, 30)}, "not valid now"),
        ({"signs": False}, "not for signing"),
        ({"signs": False, "usage": [ExtendedKeyUsageOID.SERVER_AUTH]}, "not for signing"),
    ],
    ids=["expired", "not yet", "no usage", "web server"],
)
def test_a_certificate_that_may_not_sign_now_is_refused(root, trust, changes, why):
    leaf = Party("Maker", root, **changes)
    with pytest.raises(IntegrityError, match=why):
        open_makers_signature(signature(leaf, leaf.chain), trust)


def test_an_expired_link_and_a_link_that_is_no_authority_are_refused(root, trust):
    for link in (Party("Old", root, ca=True, days=(-30, -1)), Party("No authority", root)):
        leaf = Party("Maker", link)
        with pytest.raises(IntegrityError, match=r"not valid now|does not lead"):
            open_makers_signature(signature(leaf, [leaf.certificate, link.certificate]), trust)


def test_a_chain_that_leads_elsewhere_or_has_a_gap_is_refused(root, trust):
    stranger = Party("Maker", Party("Stranger", ca=True))
    alone = Party("Maker")
    gap = Party("Maker", Party("Between", root, ca=True))
    for leaf, chain in ((stranger, stranger.chain), (alone, [alone.certificate]), (gap, [gap.certificate])):
        with pytest.raises(IntegrityError, match="does not lead to one that you trust"):
            open_makers_signature(signature(leaf, chain), trust)


def test_without_a_list_no_certificate_is_trusted_not_even_one_of_the_web(root, tmp_path):
    leaf = Party("Maker", root)
    (tmp_path / "key.pem").write_text(public_pem(leaf.key.public_key()))
    with pytest.raises(IntegrityError, match="was made with a certificate") as refused:
        open_makers_signature(signature(leaf, leaf.chain), Trust(key=tmp_path / "key.pem", now=NOW))
    assert "trusted_certificates" in refused.value.hint


def test_the_key_of_another_than_the_certificate_and_a_changed_statement_are_refused(root, trust):
    leaf, other = Party("Maker", root), Party("Other", root)
    for forged in (signature(other, leaf.chain), signature(leaf, leaf.chain, changed=b" ")):
        with pytest.raises(IntegrityError, match="was not made with the certificate"):
            open_makers_signature(forged, trust)


@pytest.mark.parametrize("certificates", [[{"rawBytes": "AAAA"}], [{"rawBytes": "%"}], [{}], ["x"], {"a": 1}, 7])
def test_certificates_that_cannot_be_read_are_refused(root, trust, certificates):
    leaf = Party("Maker", root)
    bundle = json.loads(signature(leaf, leaf.chain))
    bundle["verificationMaterial"]["x509CertificateChain"]["certificates"] = certificates
    with pytest.raises(IntegrityError, match="cannot be read"):
        open_makers_signature(json.dumps(bundle).encode(), trust)


def test_a_chain_without_end_is_refused(root, trust):
    leaf = Party("Maker", root)
    with pytest.raises(IntegrityError, match="more than 8"):
        open_makers_signature(signature(leaf, leaf.chain * 9), trust)


def test_files_of_the_trust_that_are_none_are_the_operators_mistake(root, tmp_path):
    leaf = Party("Maker", root)
    (tmp_path / "empty.pem").write_text("鍵")
    for trust in (Trust(key=tmp_path / "empty.pem"), Trust(certificates=tmp_path / "empty.pem", now=NOW)):
        with pytest.raises(SettingsError):
            open_makers_signature(signature(leaf, leaf.chain if trust.certificates else None), trust)


def test_the_origin_is_proven_by_a_certificate_and_a_changed_file_is_told(root, trust):
    leaf = Party("Maker", root)
    signed = signature(leaf, leaf.chain)
    proven = origin(DIGESTS, signed, trust=trust, listed={})
    assert (proven.result, "every file is signed by the certificate" in proven.found) == ("pass", True)
    changed = origin(DIGESTS | {"設定.json": "c" * 64}, signed, trust=trust, listed={})
    assert (changed.result, "設定.json is another file" in changed.found) == ("fail", True)


def test_the_models_it_was_made_from_are_told_each_once():
    metadata = {
        "general.base_model.count": 2,
        "general.base_model.0.name": "SmolLM2 135M",
        "general.base_model.1.name": "基盤",
        "general.base_model.1.organization": "研究所",
    }
    assert ancestry({"base_model": "SmolLM2 135M"}, metadata).found == "made from SmolLM2 135M; 研究所 基盤"
    assert "nothing is said" in ancestry({}, {"general.base_model.count": "many"}).found
