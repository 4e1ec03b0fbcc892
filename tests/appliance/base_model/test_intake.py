import hashlib
import json

import pytest

from appliance.base_model.intake import receive
from appliance.base_model.loading import load_tokenizer
from appliance.core.errors import InputError, IntegrityError
from appliance.core.sections import EMBEDDED_MODEL, IntakeSettings


def _ignore(step):
    pass


def test_the_facts_of_a_folder_depend_on_its_content_alone(tiny_folder, tmp_path):
    first = receive(str(tiny_folder), IntakeSettings(), tmp_path / "one", _ignore)
    second = receive(str(tiny_folder), IntakeSettings(), tmp_path / "two", _ignore)
    assert first == second
    assert str(tmp_path) not in json.dumps(first)
    assert first["measured"]["parameters"] == 259 * 64 + 2 * (3 * 64 * 64 + 3 * 64 * 128 + 2 * 64) + 64
    assert first["missing_card_fields"] == [
        "source", "languages", "training_data", "evaluation", "limitations", "contact",
    ]  # fmt: skip


def test_the_canonical_folder_names_no_path(tiny_folder, tmp_path):
    receive(str(tiny_folder), IntakeSettings(), tmp_path / "model", _ignore)
    texts = [
        file.read_text(encoding="utf-8") for file in (tmp_path / "model").iterdir() if file.suffix != ".safetensors"
    ]
    assert texts
    assert not any(str(tiny_folder) in text or str(tmp_path) in text for text in texts)


def test_weights_with_another_digest_are_refused(tiny_folder, tmp_path):
    with pytest.raises(IntegrityError):
        receive(str(tiny_folder), IntakeSettings(sha256="0" * 64), tmp_path / "model", _ignore)


def test_weights_with_the_expected_digest_are_accepted(tiny_folder, tmp_path):
    digest = hashlib.sha256((tiny_folder / "model.safetensors").read_bytes()).hexdigest()
    assert receive(str(tiny_folder), IntakeSettings(sha256=digest), tmp_path / "model", _ignore)


def test_a_model_without_a_chat_template_is_refused(make_tiny, tmp_path):
    folder = make_tiny(tmp_path / "plain", template=None)
    with pytest.raises(InputError, match="no chat template"):
        receive(str(folder), IntakeSettings(), tmp_path / "model", _ignore)


@pytest.mark.slow
def test_the_embedded_model_is_received(tmp_path):
    facts = receive(EMBEDDED_MODEL, IntakeSettings(), tmp_path / "model", _ignore)
    assert facts["grid"]["note"] == "Q4_1: carries 4-bit error"
    assert facts["licence"] == {"accepted": "Apache-2.0", "claimed": "apache-2.0", "agree": True}
    assert all(claim["agree"] for claim in facts["claims"])
    assert sorted(facts["canonical"]) == [
        "chat_template.jinja", "config.json", "generation_config.json", "model.safetensors", "tokenizer.json",
        "tokenizer_config.json",
    ]  # fmt: skip
    assert load_tokenizer(tmp_path / "model").eos_token == "<|im_end|>"
