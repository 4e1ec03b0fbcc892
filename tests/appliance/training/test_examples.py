import pytest
from hypothesis import given
from hypothesis import strategies as some

from anonymize.records import CleanRecord
from appliance.base_model.loading import load_tokenizer
from appliance.core.errors import InputError, SettingsError
from appliance.core.sections import PrepareSettings
from appliance.training.examples import (
    Example,
    doctor,
    from_clean,
    read_examples,
    split,
    split_as_told,
    tokenize,
    tokenize_all,
    write_examples,
)

PUMP = Example("1", "REPL PMP 3", "replace pump <num>")
POMPU = Example("2", "ポンプ3 交換", "ポンプ<num>を交換")


@pytest.fixture(scope="module")
def tokenizer(tiny_folder):
    return load_tokenizer(tiny_folder)


def _texts(prompts):
    return [Example(str(number), prompt, "x") for number, prompt in enumerate(prompts)]


def test_an_example_is_made_of_the_two_columns_of_the_settings():
    settings = PrepareSettings(input="raw", output="clean")
    assert from_clean(CleanRecord("1", {"raw": " a ", "clean": "b", "other": "c"}), settings) == Example("1", "a", "b")
    assert from_clean(CleanRecord("1", {"raw": "a", "clean": " "}), settings) is None


@given(some.lists(some.text("aAbB ポ", max_size=6), max_size=60), some.integers(0, 5))
def test_no_prompt_is_on_both_sides(prompts, seed):
    parts = split(_texts(prompts), 0.3, seed)
    sides = [{" ".join(each.prompt.casefold().split()) for each in side} for side in (parts.train, parts.test)]
    assert not sides[0] & sides[1]
    assert len(parts.train) + len(parts.test) + parts.duplicates == len(prompts)
    assert len(sides[0]) + len(sides[1]) == len(parts.train) + len(parts.test)


@given(some.lists(some.tuples(some.text("aAbB ポ", max_size=6), some.booleans()), max_size=60))
def test_what_the_source_holds_out_is_held_out_and_never_learnt(told):
    prompts, held = [prompt for prompt, _ in told], [is_held for _, is_held in told]
    parts = split_as_told(zip(_texts(prompts), held, strict=True))
    train, test = ({" ".join(each.prompt.casefold().split()) for each in side} for side in (parts.train, parts.test))
    assert test == {" ".join(prompt.casefold().split()) for prompt, is_held in told if is_held}
    assert not train & test
    assert len(parts.train) + len(parts.test) + parts.duplicates == len(prompts)


def test_nothing_that_is_learnt_is_near_to_what_the_source_holds_out():
    told = [("replace the left pump now", False), ("replace the left pump", True), ("paint the fence", False)]
    told += [("ポンプ3号機の軸受を交換した", True), ("ポンプ5号機の軸受を交換した", False)]
    told += [("fit the left pump", True)]  # near to a held-out one: held out all the same
    examples = _texts([prompt for prompt, _ in told])
    parts = split_as_told(zip(examples, [held for _, held in told], strict=True), too_near=0.4)
    assert [each.prompt for each in parts.train] == ["paint the fence"]
    assert (len(parts.test), parts.near_duplicates) == (3, 2)


def test_copies_are_learnt_where_that_is_asked_for_and_never_held_out_twice():
    prompts = [prompt for number in range(200) for prompt in (f"pump {number}", f"PUMP {number} ")]
    once, often = (split(_texts(prompts), 0.2, 7, deduplicate=wanted) for wanted in (True, False))
    assert often.test == once.test
    assert len(often.train) == 2 * len(once.train)
    assert (once.duplicates, often.duplicates) == (200, len(once.test))


def test_an_example_stays_on_its_side_when_others_come():
    some_of_them, all_of_them = (split(_texts(map(str, range(count))), 0.2, 7) for count in (200, 400))
    assert {each.prompt for each in some_of_them.test} <= {each.prompt for each in all_of_them.test}
    assert 50 < len(all_of_them.test) < 110


def test_examples_are_read_as_they_were_written(tmp_path):
    odd = Example("3", "line\u2028break", "\x85")
    write_examples([PUMP, POMPU, odd], tmp_path / "x.jsonl")
    assert read_examples(tmp_path / "x.jsonl") == (PUMP, POMPU, odd)


def test_a_torn_line_is_named_by_its_number(tmp_path):
    (tmp_path / "x.jsonl").write_text('{"id": "1", "pro', encoding="utf-8")
    with pytest.raises(InputError, match=r"x\.jsonl line 1"):
        read_examples(tmp_path / "x.jsonl")


@pytest.mark.parametrize("example", [PUMP, POMPU])
def test_only_the_answer_and_its_end_are_labelled(tokenizer, example):
    row = tokenize(example, tokenizer, "Normalise.", 512)
    assert tokenizer.decode(row.tokens[row.labels_from :]) == example.completion + "<|im_end|>"
    assert tokenizer.decode(row.tokens[: row.labels_from]).endswith(
        example.prompt + "<|im_end|>\n<|im_start|>assistant\n"
    )


def test_what_is_too_long_or_spells_a_control_token_is_counted(tokenizer):
    attack = Example("3", "pump<|im_end|>", "x")
    long = Example("4", "ポンプ" * 100, "x")
    result = tokenize_all([PUMP, long, attack], tokenizer, "Normalise.", 150)
    assert [row.id for row in result.rows] == ["1"]
    assert (result.too_long, result.control_tokens) == (("4",), ("3",))


def test_the_doctor_finds_nothing_in_a_sound_template(tokenizer):
    doctor(tokenizer, [PUMP, POMPU], "Normalise.")


def _with_template(make_tiny, folder, template):
    return load_tokenizer(make_tiny(folder, template=template))


ROLE = "{% for m in messages %}{{'<|im_start|>' + m['role'] + '\n' + m['content'] + '<|im_end|>\n'}}{% endfor %}"
OPEN = "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"


@pytest.mark.parametrize(
    ("template", "fault"),
    [
        ("<|im_start|>" + ROLE + OPEN, "two begin tokens"),
        (ROLE.replace("<|im_end|>", "") + OPEN, "no end token"),
        (ROLE + OPEN.replace("assistant", "answer"), "does not extend"),
        (ROLE.replace("m['content']", "m['content'] | upper") + OPEN, "changes the text"),
    ],
)
def test_the_doctor_refuses_a_faulty_template(make_tiny, tmp_path, template, fault):
    with pytest.raises(InputError, match=fault):
        doctor(_with_template(make_tiny, tmp_path, template), [PUMP], "Normalise.")


def test_the_doctor_refuses_a_tokenizer_without_a_template(make_tiny, tmp_path):
    with pytest.raises(InputError, match="no chat template"):
        doctor(_with_template(make_tiny, tmp_path, None), [PUMP], "Normalise.")


def test_the_doctor_refuses_to_learn_nothing(tokenizer):
    with pytest.raises(SettingsError, match="no examples"):
        doctor(tokenizer, [], "Normalise.")
    with pytest.raises(SettingsError, match="nothing would be learnt"):
        doctor(tokenizer, [Example("1", "a", "")], "Normalise.")
