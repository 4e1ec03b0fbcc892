"""The errors of the library.

QuantizeError
├── SchemeRefused      the scheme would round away what was learnt
└── ModelUnsupported   the model's graph is not one that we can export
"""


class QuantizeError(Exception):
    """The export of a model failed for a reason that the caller can act on."""


class SchemeRefused(QuantizeError):
    """A scheme lands on the grid that the weights came from."""


class ModelUnsupported(QuantizeError):
    """The architecture or the graph of the model is not supported."""
