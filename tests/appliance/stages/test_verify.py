"""The general text that an operator names."""

import pytest

from appliance.base_model.loading import load_tokenizer
from appliance.core.errors import InputError
from appliance.core.sections import VerifySettings
from appliance.stages.verify import general_pieces


@pytest.mark.parametrize("text", ["", "短い文です。", "A short text."])
def test_a_general_text_of_too_few_tokens_is_refused(tiny_folder, tmp_path, text):
    file = tmp_path / "general.txt"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=r"general\.txt: a general text of \d+ tokens is too short"):
        general_pieces(VerifySettings(general_text=file), load_tokenizer(tiny_folder))
