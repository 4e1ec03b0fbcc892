"""Which of the optional parts are installed in this environment; nothing is imported to find out."""

from importlib.util import find_spec
from typing import Literal

from appliance.core.errors import SettingsError

Extra = Literal["studio", "serve", "tui", "dp"]

# the packages that only this extra brings; a part is there when all of its own are
MARKERS: dict[Extra, tuple[str, ...]] = {
    "tui": ("textual",),
    "serve": ("onnxruntime", "tokenizers", "numpy", "llguidance", "starlette", "uvicorn", "prometheus_client"),
    "studio": ("torch", "transformers", "peft", "presidio_analyzer", "spacy", "bitsandbytes", "onnx", "gguf"),
    "dp": ("opacus",),
}


def require(extra: Extra) -> None:
    """Check that an extra is installed.

    Raises:
        SettingsError: a package of it is missing.
    """
    for module in MARKERS[extra]:
        if find_spec(module) is None:
            raise not_installed(module, extra)


def extra_of(module: str) -> Extra | None:
    """Return the extra that brings a module; None if it belongs to none."""
    package = module.partition(".")[0]
    return next((extra for extra, modules in MARKERS.items() if package in modules), None)


def not_installed(module: str, extra: Extra) -> SettingsError:
    """Return the error that names a missing package and what to install."""
    return SettingsError(
        f"{module} is not installed in this environment", hint=f"install adaptation-appliance[{extra}]"
    )
