"""The intake of a base model: every check stands in the report, and a failed one refuses the model."""

import hashlib
import json
import os
import pickle
import shutil
from pathlib import Path

import pytest

from appliance.base_model.intake import Outcome, receive
from appliance.base_model.licence import identify, is_same
from appliance.base_model.loading import load_tokenizer
from appliance.core.errors import SettingsError
from appliance.core.sections import EMBEDDED_MODEL, IntakeSettings, WaiverSettings
from appliance.release.signing import generate_key, load_private_key, sign
from appliance.release.statement import Statement

APACHE = Path("appliance/base_model/licences/Apache-2.0.txt").read_text(encoding="utf-8")
ORIGIN = WaiverSettings(check="provenance.origin", by="M. Sato", reason="made here")
TEXT = WaiverSettings(check="licence.text", by="M. Sato", reason="made here")


def _ignore(step):
    pass


def intake(place: Path, out: Path, **settings: object) -> Outcome:
    settings = {"waivers": (ORIGIN, TEXT), **settings}
    out.mkdir(parents=True, exist_ok=True)
    return receive(IntakeSettings(path=str(place), **settings), out, _ignore)


def results(outcome: Outcome) -> dict[str, str]:
    return {check["name"]: check["result"] for check in outcome.report["checks"]}


@pytest.fixture
def model(tiny_folder, tmp_path):
    """A copy of a sound model, with its licence."""
    folder = Path(shutil.copytree(tiny_folder, tmp_path / "model"))
    (folder / "LICENSE").write_text(APACHE, encoding="utf-8")
    return folder


def test_the_report_depends_on_the_content_alone(model, tmp_path):
    first, second = (intake(model, tmp_path / name, waivers=(ORIGIN,)).report for name in ("one", "two"))
    assert first == second
    assert str(tmp_path) not in json.dumps(first)
    assert first["measured"]["parameters"] == 259 * 64 + 2 * (3 * 64 * 64 + 3 * 64 * 128 + 2 * 64) + 64


def test_a_sound_model_of_unknown_origin_is_refused_until_a_person_waives_it(model, tmp_path):
    refused = intake(model, tmp_path / "one", waivers=())
    assert results(refused)["provenance.origin"] == "fail"
    assert "[[intake.waivers]]" in refused.refused[1]
    accepted = intake(model, tmp_path / "two", waivers=(ORIGIN,))
    assert accepted.refused is None
    waived = next(check for check in accepted.report["checks"] if check["result"] == "waived")
    assert (waived["name"], waived["waived_by"], waived["because"]) == ("provenance.origin", "M. Sato", "made here")


def test_a_signature_of_the_trusted_key_proves_the_origin_and_a_changed_file_breaks_it(model, tmp_path):
    key = generate_key(tmp_path / "keys")
    digests = {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in model.iterdir()}
    signature = sign(Statement("tiny", digests), load_private_key(key.private))
    (model / "model.sig").write_bytes(signature)
    signed = intake(model, tmp_path / "one", waivers=(), trusted_key=key.public)
    assert (signed.refused, results(signed)["provenance.origin"]) == (None, "pass")
    (model / "generation_config.json").write_text("{}", encoding="utf-8")
    changed = intake(model, tmp_path / "two", waivers=(), trusted_key=key.public)
    assert "generation_config.json is another file" in changed.refused[0]


def test_a_list_of_digests_proves_the_origin_and_an_added_file_is_told(model, tmp_path):
    lines = [f"{hashlib.sha256(file.read_bytes()).hexdigest()}  {file.name}" for file in sorted(model.iterdir())]
    (tmp_path / "SHA256SUMS").write_text("\n".join(lines), encoding="utf-8")
    listed = intake(model, tmp_path / "one", waivers=(), sha256_list=tmp_path / "SHA256SUMS")
    assert results(listed)["provenance.origin"] == "pass"
    (model / "README.md").write_text("# 追加", encoding="utf-8")
    added = intake(model, tmp_path / "two", waivers=(), sha256_list=tmp_path / "SHA256SUMS")
    assert "README.md is not in the list" in added.refused[0]


def test_weights_with_another_digest_than_the_operators_are_refused(model, tmp_path):
    assert (
        "model.safetensors is another file" in intake(model, tmp_path / "one", sha256="0" * 64, waivers=()).refused[0]
    )


def test_a_licence_with_an_added_clause_is_refused_and_the_clause_is_shown(model, tmp_path):
    (model / "LICENSE").write_text(APACHE + "\nCommercial use prohibited.\n", encoding="utf-8")
    assert "added 'commercial use prohibited'" in intake(model, tmp_path / "out", waivers=(ORIGIN,)).refused[0]


@pytest.mark.parametrize(
    ("licence", "use", "failed"),
    [
        ("Apache2", "commercial", "licence.identifier"),
        ("CC-BY-NC-4.0", "commercial", "licence.use"),
    ],
)
def test_an_unknown_identifier_and_a_forbidden_use_are_refused(model, tmp_path, licence, use, failed):
    outcome = intake(model, tmp_path / "out", licence=licence, use=use)
    assert results(outcome)[failed] == "fail"


def test_licence_and_notice_go_with_the_canonical_model(model, tmp_path):
    (model / "NOTICE").write_text("Made by 山田製作所", encoding="utf-8")
    intake(model, tmp_path / "out", waivers=(ORIGIN,))
    assert identify((tmp_path / "out" / "LICENSE").read_text(encoding="utf-8")).identifier == "Apache-2.0"
    assert (tmp_path / "out" / "NOTICE").read_text(encoding="utf-8") == "Made by 山田製作所"


@pytest.mark.parametrize(
    ("claims", "failed"),
    [
        ({"parameters": 90_000, "vocabulary": 259, "context_tokens": 512}, []),
        ({"parameters": 7_000_000_000, "vocabulary": 259}, ["claims.parameters"]),
        ({"context_tokens": 131_072}, ["claims.context_tokens"]),
    ],
)
def test_claims_are_compared_with_what_is_measured(model, tmp_path, claims, failed):
    parameters = 259 * 64 + 2 * (3 * 64 * 64 + 3 * 64 * 128 + 2 * 64) + 64
    claims = {**claims, "parameters": parameters} if not failed else claims
    (tmp_path / "claims.json").write_text(json.dumps(claims), encoding="utf-8")
    outcome = intake(model, tmp_path / "out", waivers=(ORIGIN,), claims=tmp_path / "claims.json")
    assert [name for name, result in results(outcome).items() if result == "fail"] == failed


@pytest.mark.parametrize(("value", "result"), [(5.6, "pass"), (2.0, "fail")])
def test_a_claimed_loss_is_measured_on_the_text_that_came_with_it(model, tmp_path, value, result):
    (tmp_path / "sample.txt").write_text("the pump leaks\nポンプ漏れ\n" * 5, encoding="utf-8")
    claim = {"nats_per_token": {"text": "sample.txt", "value": value, "tolerance": 0.5}}
    (tmp_path / "claims.json").write_text(json.dumps(claim), encoding="utf-8")
    outcome = intake(model, tmp_path / "out", waivers=(ORIGIN,), claims=tmp_path / "claims.json")
    assert results(outcome)["claims.nats_per_token"] == result
    assert "on 10 lines" in next(c["found"] for c in outcome.report["checks"] if c["name"] == "claims.nats_per_token")


@pytest.mark.parametrize(
    ("claimed", "accepted", "agree"),
    [
        ("apache-2.0", "Apache-2.0", True),
        ("gemma", "LicenseRef-gemma", True),
        ("gemma", "Apache-2.0", False),
        ("", "Apache-2.0", False),
    ],
)
def test_the_makers_word_for_a_licence_is_compared_with_the_accepted_one(claimed, accepted, agree):
    assert is_same(claimed, accepted) is agree


def test_missing_card_fields_are_listed_and_those_of_the_readme_are_read(model, tmp_path):
    (model / "README.md").write_text("---\nlanguage: [en, ja]\n---\n# Tiny\n## Limitations\nmany\n", encoding="utf-8")
    report = intake(model, tmp_path / "out", waivers=(ORIGIN,)).report
    assert report["card"]["languages"] == '["en", "ja"]'
    assert report["missing_card_fields"] == [
        "source", "base_model", "training_data", "training_recipe", "evaluation", "intended_use", "contact",
    ]  # fmt: skip


def test_a_model_that_may_not_be_opened_has_a_report_and_no_canonical_folder(model, tmp_path):
    (model / "modeling.py").write_text("x = 1", encoding="utf-8")
    outcome = intake(model, tmp_path / "out", waivers=(ORIGIN,))
    assert "modeling.py: Python code" in outcome.refused[0]
    assert "[[intake.waivers]]" not in outcome.refused[1]
    assert list((tmp_path / "out").iterdir()) == []


def test_what_would_run_code_cannot_be_waived(model, tmp_path):
    (model / "modeling.py").write_text("x = 1", encoding="utf-8")
    waiver = WaiverSettings(check="risk.files", by="me", reason="hurry")
    with pytest.raises(SettingsError, match="cannot be waived"):
        intake(model, tmp_path / "out", waivers=(waiver,))


def test_a_waiver_of_a_check_that_does_not_exist_is_refused(model, tmp_path):
    waiver = WaiverSettings(check="provenance.orign", by="me", reason="typing")
    with pytest.raises(SettingsError, match=r"no check 'provenance\.orign'"):
        intake(model, tmp_path / "out", waivers=(waiver,))


@pytest.mark.slow
def test_a_pickled_checkpoint_is_converted_where_the_settings_ask_for_it(model, tmp_path):
    import torch  # noqa: PLC0415
    from safetensors.torch import load_file  # noqa: PLC0415

    torch.save(load_file(model / "model.safetensors"), model / "pytorch_model.bin")
    (model / "model.safetensors").unlink()
    assert "a pickle" in intake(model, tmp_path / "one", waivers=(ORIGIN,)).refused[0]
    converted = intake(model, tmp_path / "two", waivers=(ORIGIN,), convert_pickles=True)
    assert converted.refused is None


def test_a_model_without_a_chat_template_is_refused(make_tiny, tmp_path):
    folder = make_tiny(tmp_path / "plain", template=None)
    assert "no chat template" in intake(folder, tmp_path / "out").refused[0]


@pytest.mark.slow
def test_a_model_without_a_chat_template_gets_plain_turns_where_that_is_wished(make_tiny, tmp_path):
    folder = make_tiny(tmp_path / "plain", template=None)
    assert intake(folder, tmp_path / "out", plain_template=True).refused is None
    prompt = load_tokenizer(tmp_path / "out").apply_chat_template(
        [{"role": "system", "content": "直せ"}, {"role": "user", "content": "pump"}],
        tokenize=False,
        add_generation_prompt=True,
    )
    assert prompt == "<|im_start|>直せ\npump\n"


@pytest.mark.slow
def test_a_chat_template_that_runs_away_is_refused(make_tiny, tmp_path):
    folder = make_tiny(tmp_path / "plain", template="{{ 'a' * 10**9 }}")
    assert "risk.template" in intake(folder, tmp_path / "out").refused[0]


@pytest.mark.parametrize("name", ["model.safetensors", "config.json", "tokenizer.json"])
def test_a_file_that_is_cut_short_is_refused(model, tmp_path, name):
    content = (model / name).read_bytes()
    (model / name).write_bytes(content[: len(content) // 2])
    assert intake(model, tmp_path / "out", waivers=(ORIGIN,)).refused is not None


def test_a_hostile_pickle_is_not_opened(model, tmp_path):
    canary = tmp_path / "canary"

    class Hostile:
        def __reduce__(self):
            return os.system, (f"touch {canary}",)

    (model / "pytorch_model.bin").write_bytes(pickle.dumps(Hostile()))
    assert intake(model, tmp_path / "out", waivers=(ORIGIN,)).refused is not None
    assert not canary.exists()


@pytest.mark.slow
def test_the_embedded_model_is_received(tmp_path):
    digest = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"
    outcome = intake(EMBEDDED_MODEL, tmp_path / "model", waivers=(), sha256=digest)
    assert outcome.refused is None
    assert outcome.report["grid"]["note"] == "Q4_1: carries 4-bit error"
    assert outcome.report["licence"]["agree"]
    assert results(outcome)["licence.text"] == "pass"
    assert sorted(outcome.report["canonical"]) == [
        "LICENSE", "chat_template.jinja", "config.json", "generation_config.json", "model.safetensors",
        "tokenizer.json", "tokenizer_config.json",
    ]  # fmt: skip
    assert load_tokenizer(tmp_path / "model").eos_token == "<|im_end|>"
