import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from transformers import Gemma3ForCausalLM, Gemma3TextConfig

from appliance.base_model.chat import TokenRow
from appliance.base_model.likelihood import full_nll
from appliance.base_model.loading import load_float
from appliance.core.errors import InputError
from appliance.training.student import cut, influences, kept_layers

ROW = TokenRow("WO-1", (1, *range(10, 22), 2), 8)


@given(influence=st.lists(st.floats(0, 2), min_size=2, max_size=80), data=st.data())
def test_a_student_keeps_the_layers_of_the_largest_influence_in_their_order(influence, data):
    wanted = data.draw(st.integers(1, len(influence) - 1))
    kept = kept_layers(influence, wanted)
    assert len(kept) == wanted
    assert list(kept) == sorted({*kept})
    left = {*range(len(influence))} - {*kept}
    assert min(influence[layer] for layer in kept) >= max(influence[layer] for layer in left)


def test_a_layer_that_changes_nothing_has_no_influence(make_tiny, tmp_path):
    model = load_float(make_tiny(tmp_path, layers=3))
    with torch.no_grad():
        model.model.layers[1].self_attn.o_proj.weight.zero_()
        model.model.layers[1].mlp.down_proj.weight.zero_()
    first, second, third = influences(model, [ROW, ROW])
    assert second == pytest.approx(0, abs=1e-6)
    assert min(first, third) > 0.01
    assert kept_layers((first, second, third), 2) == (0, 2)


@pytest.mark.parametrize("wanted", [4, 5, 0])
def test_a_student_that_is_not_smaller_is_refused_with_what_would_be(wanted):
    with pytest.raises(
        InputError, match=f"a student of {wanted} layers is not smaller than its teacher of 4"
    ) as caught:
        kept_layers((0.1, 0.2, 0.3, 0.4), wanted)
    assert caught.value.hint == "set layers in [distil] to 1 to 3"


@pytest.mark.parametrize("tied", [True, False])
def test_a_cut_model_is_its_teacher_without_the_layers_that_are_left_out(make_tiny, tmp_path, tied):
    teacher = load_float(make_tiny(tmp_path, tied=tied, layers=4))
    whole = full_nll(teacher, ROW)
    assert full_nll(cut(teacher, range(4)), ROW) == whole
    student = cut(teacher, (0, 3))
    layers = teacher.model.layers
    teacher.model.layers = torch.nn.ModuleList([layers[0], layers[3]])  # without a cache, layers need no number
    assert full_nll(student, ROW) == full_nll(teacher, ROW) != whole
    assert student.config.num_hidden_layers == 2
    assert teacher.config.num_hidden_layers == 4


def test_lists_of_one_entry_a_layer_are_cut_with_the_layers():
    kinds = ["sliding_attention", "sliding_attention", "full_attention", "sliding_attention"]
    config = Gemma3TextConfig(
        vocab_size=64, hidden_size=32, intermediate_size=32, num_hidden_layers=4, num_attention_heads=2,
        num_key_value_heads=1, head_dim=16, sliding_window=8, layer_types=kinds,
    )  # fmt: skip
    student = cut(Gemma3ForCausalLM(config).eval(), (0, 2))
    assert student.config.layer_types == ["sliding_attention", "full_attention"]
    assert [layer.self_attn.is_sliding for layer in student.model.layers] == [True, False]
