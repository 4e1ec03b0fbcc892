"""Turn an instruction, a prompt and an answer into the tokens of the base model's own chat template."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from appliance.core.errors import InputError


@dataclass(frozen=True, slots=True)
class TokenRow:
    """The token ids of one example; those from `labels_from` on are what the model must learn to say."""

    id: str
    tokens: tuple[int, ...]
    labels_from: int


def prompt_text(tokenizer: Any, instruction: str, prompt: str) -> str:
    """Return the text that the model is given: instruction, prompt, and the opening of its answer."""
    return str(tokenizer.apply_chat_template(_turns(instruction, prompt), tokenize=False, add_generation_prompt=True))


def prompt_tokens(tokenizer: Any, instruction: str, prompt: str) -> list[int]:
    """Return the token ids of `prompt_text`."""
    return encode(tokenizer, prompt_text(tokenizer, instruction, prompt))


def chat_row(tokenizer: Any, instruction: str, identity: str, prompt: str, completion: str) -> TokenRow:
    """Return the tokens of a whole exchange, cut after the token that ends the answer.

    The labels are found by the length of the prompt and never by the id of a token: in many models the padding
    token is the end token, and masking by id would teach the model never to stop.

    Raises:
        InputError: the tokens of the prompt are not the beginning of the tokens of the exchange, or no end token
            follows the answer: the template does not fit this model.
    """
    opening = prompt_tokens(tokenizer, instruction, prompt)
    answered = [*_turns(instruction, prompt), {"role": "assistant", "content": completion}]
    tokens = encode(tokenizer, str(tokenizer.apply_chat_template(answered, tokenize=False)))
    if tokens[: len(opening)] != opening:
        raise InputError(f"example {identity}: the chat template does not extend its own prompt", hint=_TEMPLATE_HINT)
    labelled = tokens[len(opening) :]
    if tokenizer.eos_token_id not in labelled:
        raise InputError(f"example {identity}: no end token follows the answer", hint=_TEMPLATE_HINT)
    end = len(labelled) - labelled[::-1].index(tokenizer.eos_token_id)
    return TokenRow(identity, tuple(opening + labelled[:end]), len(opening))


def encode(tokenizer: Any, text: str) -> list[int]:
    """Return the ids of a text that already holds its control tokens; nothing is added."""
    return [int(token) for token in tokenizer(text, add_special_tokens=False)["input_ids"]]


def holds_control_token(tokenizer: Any, texts: Sequence[str]) -> bool:
    """Say whether a text spells one of the model's control tokens, and so could end or open a turn of the chat."""
    return any(token in text for token in tokenizer.all_special_tokens for text in texts)


def _turns(instruction: str, prompt: str) -> list[dict[str, str]]:
    return [{"role": "system", "content": instruction}, {"role": "user", "content": prompt}]


_TEMPLATE_HINT = "the base model needs a chat template whose turns end with the end token of its tokenizer"
