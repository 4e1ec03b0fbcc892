"""The first layer of a base model is exported before anything is trained on it."""

from appliance.stages import export_probe


def test_a_llama_can_leave_the_studio(tiny_folder):
    assert export_probe.probe(tiny_folder).result == "pass"


def test_an_export_with_other_logits_is_told(tiny_folder, monkeypatch):
    monkeypatch.setattr(export_probe, "TOLERANCE", 0.0)
    check = export_probe.probe(tiny_folder)
    assert (check.result, "differ by" in check.found) == ("fail", True)


def test_an_architecture_that_the_exporter_does_not_know_is_told(tmp_path, make_tiny):
    from transformers import GPTNeoXConfig, GPTNeoXForCausalLM  # noqa: PLC0415

    folder = make_tiny(tmp_path / "model")
    config = GPTNeoXConfig(
        vocab_size=259, hidden_size=64, num_hidden_layers=2, num_attention_heads=2, intermediate_size=64
    )
    GPTNeoXForCausalLM(config).save_pretrained(folder)
    check = export_probe.probe(folder)
    assert check.result == "fail"
