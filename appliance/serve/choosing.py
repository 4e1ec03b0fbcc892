"""The next token of one row: what the grammar allows, drawn or the most likely, with its probability."""

import numpy as np
from numpy.typing import NDArray

from appliance.serve.jobs import Alternative, Order, Taken
from quantize.decoding import draw, log_softmax
from quantize.onnx_session import Floats


def choose(logits: Floats, order: Order, generator: np.random.Generator) -> Taken:
    """Take one token behind `logits` [vocabulary]; probabilities are the model's own, before grammar and temperature.

    Raises:
        FloatingPointError: the model gave something that is no number.
    """
    if not np.isfinite(logits).all():
        raise FloatingPointError("logits")
    possible = logits
    if order.matcher is not None:
        possible = np.where(order.matcher.allowed(), logits, -np.inf).astype(np.float32)
    token = draw(possible, order.sampling, generator) if order.sampling else int(possible.argmax())
    if order.matcher is not None:
        order.matcher.take(token)
    if order.alternatives is None:
        return Taken(token, 0.0, ())
    return _with_probabilities(log_softmax(logits), token, order.alternatives)


def _with_probabilities(logprobs: NDArray[np.float64], token: int, count: int) -> Taken:
    best = np.argsort(-logprobs, kind="stable")[:count]
    return Taken(token, float(logprobs[token]), tuple(Alternative(int(i), float(logprobs[i])) for i in best))
