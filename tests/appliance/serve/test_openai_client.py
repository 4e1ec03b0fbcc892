"""The `openai` package, as anybody installs it, talks to a running server."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import jsonschema
import openai
import pytest

SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "部位": {"enum": ["ポンプ", "軸受け", "シール"]},
        "action": {"enum": ["replace", "inspect", "repair"]},
        "hours": {"type": "integer", "minimum": 0, "maximum": 99},
        "note": {"type": "string", "maxLength": 12},
        "parts": {"type": "array", "items": {"enum": ["A", "B"]}, "maxItems": 2},
    },
    "required": ["部位", "action", "hours", "note", "parts"],
    "additionalProperties": False,
}


@pytest.fixture(scope="module")
def client(server: Any) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=server.url + "/v1", api_key="none", max_retries=0, timeout=60) as made:
        yield made


def ask(text: str, **options: Any) -> dict[str, Any]:
    return {"model": "tiny", "messages": [{"role": "user", "content": text}], **options}


def test_a_chat_is_answered(client: openai.OpenAI) -> None:
    answer = client.chat.completions.create(**ask("冷却水ポンプの異音", max_completion_tokens=5, temperature=0))
    assert answer.choices[0].finish_reason == "length"
    assert answer.usage is not None and answer.usage.completion_tokens == 5
    assert answer.usage.total_tokens == answer.usage.prompt_tokens + 5


@pytest.mark.parametrize("text", ["PH639 RECTIFY", "ポンプ3 漏れ"])
def test_a_stream_is_the_same_answer_in_pieces(client: openai.OpenAI, text: str) -> None:
    whole = client.chat.completions.create(**ask(text, max_tokens=12, temperature=0))
    chunks = list(
        client.chat.completions.create(
            **ask(text, max_tokens=12, temperature=0), stream=True, stream_options={"include_usage": True}
        )
    )
    pieces = [chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices]
    assert "".join(pieces) == whole.choices[0].message.content
    assert chunks[-1].usage == whole.usage
    assert [chunk.choices[0].finish_reason for chunk in chunks if chunk.choices][-1] == "length"


def test_a_seed_decides_what_is_drawn(client: openai.OpenAI) -> None:
    drawn = [
        client.chat.completions.create(**ask("a", seed=seed, temperature=3, top_p=0.9)).choices[0].message.content
        for seed in (1, 1, 2)
    ]
    assert drawn[0] == drawn[1] != drawn[2]


@pytest.mark.slow
def test_a_hundred_of_a_hundred_answers_keep_their_schema(client: openai.OpenAI) -> None:
    form: Any = {"type": "json_schema", "json_schema": {"name": "order", "schema": SCHEMA, "strict": True}}

    def answered(seed: int) -> str:
        asked = ask(f"作業 {seed}", seed=seed, temperature=2.0, max_tokens=200, response_format=form)
        return client.chat.completions.create(**asked).choices[0].message.content or ""

    with ThreadPoolExecutor(8) as pool:
        texts = list(pool.map(answered, range(100)))
    for text in texts:
        jsonschema.validate(json.loads(text), SCHEMA)
    assert len(set(texts)) > 50  # random weights at a high temperature: not one answer a hundred times


def test_any_object_is_an_object(client: openai.OpenAI) -> None:
    asked = ask("x", response_format={"type": "json_object"}, max_tokens=400, seed=5, temperature=1)
    answer = client.chat.completions.create(**asked).choices[0]
    assert answer.message.content is not None and answer.message.content.startswith("{")
    if answer.finish_reason == "stop":
        assert isinstance(json.loads(answer.message.content), dict)


def test_probabilities_come_with_the_tokens(client: openai.OpenAI) -> None:
    asked = ask("PH639", logprobs=True, top_logprobs=2, max_tokens=3, temperature=0)
    answer = client.chat.completions.create(**asked).choices[0]
    assert answer.logprobs is not None and answer.logprobs.content is not None
    for token in answer.logprobs.content:
        assert token.logprob <= 0
        assert token.top_logprobs[0].logprob == token.logprob  # the most likely one was taken
        assert len(token.top_logprobs) == 2
    streamed = client.chat.completions.create(**asked, stream=True)
    told = [part for chunk in streamed if (found := chunk.choices[0].logprobs) for part in found.content or ()]
    assert told == answer.logprobs.content


def test_a_text_is_continued(client: openai.OpenAI) -> None:
    whole = client.completions.create(model="tiny", prompt="REPL A/C", max_tokens=4, temperature=0, logprobs=1)
    stream = client.completions.create(model="tiny", prompt="REPL A/C", max_tokens=4, temperature=0, stream=True)
    assert "".join(part.choices[0].text for part in stream) == whole.choices[0].text
    assert whole.choices[0].logprobs is not None and len(whole.choices[0].logprobs.tokens or ()) == 4


def test_a_longer_conversation_takes_the_bundles_template(client: openai.OpenAI, tiny: Any) -> None:
    from transformers import AutoTokenizer  # noqa: PLC0415 seconds

    turns: Any = [
        {"role": "system", "content": "Answer. 答えよ。"},
        {"role": "user", "content": "pump <|im_end|> 3"},
        {"role": "assistant", "content": "済み"},
        {"role": "user", "content": "それは?"},
    ]
    answer = client.chat.completions.create(model="tiny", messages=turns, max_tokens=1)
    tokenizer = AutoTokenizer.from_pretrained(tiny.model, trust_remote_code=False)
    tame = [{**turn, "content": turn["content"].replace("<|im_end|>", "<|im_enD|>")} for turn in turns]
    ids = tokenizer.apply_chat_template(tame, add_generation_prompt=True, return_dict=False)
    assert answer.usage is not None and answer.usage.prompt_tokens == len(ids)  # "<|im_end|>" is ten letters


def test_models_are_listed(client: openai.OpenAI) -> None:
    assert [model.id for model in client.models.list()] == ["tiny", "all-minilm-l6-v2"]
    assert client.models.retrieve("tiny").owned_by == "factory"


def test_embeddings_come_in_order_and_like_texts_are_near(client: openai.OpenAI, embedder: Any) -> None:
    texts = ["replace the pump seal", "the seal of the pump was changed", "invoice for office paper"]
    made = client.embeddings.create(model="all-minilm-l6-v2", input=texts)
    vectors = [item.embedding for item in made.data]
    expected, tokens = embedder.embed(texts)
    assert [len(vector) for vector in vectors] == [384] * 3
    assert vectors[1] == pytest.approx(expected[1].tolist(), abs=1e-6)
    near, far = (sum(a * b for a, b in zip(vectors[0], vectors[n], strict=True)) for n in (1, 2))
    assert near > 0.7 > far
    assert made.usage.total_tokens == tokens


@pytest.mark.parametrize(
    ("options", "place"),
    [
        ({"n": 2}, "n"),
        ({"tools": [{"type": "function", "function": {"name": "f"}}]}, "tools"),
        ({"temperature": -1}, "temperature"),
        ({"presence_penalty": 1}, "presence_penalty"),
        ({"top_logprobs": 3}, "top_logprobs"),
        ({"response_format": {"type": "json_schema", "json_schema": {"name": "x", "schema": {"type": "foo"}}}}, None),
    ],
)
def test_what_cannot_be_done_is_refused_by_name(client: openai.OpenAI, options: Any, place: str | None) -> None:
    with pytest.raises(openai.BadRequestError) as caught:
        client.chat.completions.create(**ask("x", **options))
    assert caught.value.param == place


def test_other_errors_have_the_forms_of_the_api(client: openai.OpenAI) -> None:
    with pytest.raises(openai.NotFoundError) as missing:
        client.chat.completions.create(**{**ask("x"), "model": "gpt-4o"})
    assert missing.value.code == "model_not_found"
    with pytest.raises(openai.BadRequestError, match="200 are allowed") as long:
        client.chat.completions.create(**ask("秘密" * 200))
    assert "秘密" not in str(long.value)
    with pytest.raises(openai.BadRequestError, match="256 are allowed"):
        client.embeddings.create(model="all-minilm-l6-v2", input="word " * 300)
    with pytest.raises(openai.BadRequestError, match="empty"):
        client.chat.completions.create(**ask(" "))
