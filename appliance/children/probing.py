"""Tries what needs the heavy libraries: `python -m appliance.children.probing` prints JSON lines.

    {"name": "gpu", "result": "pass", "found": "NVIDIA L4, 23.6 GB, CUDA 12.8", "hint": ""}

People's side starts it and never imports it; a library that crashes the process ends this one alone.
"""

import json
import sys
import warnings
from collections.abc import Callable, Iterator
from dataclasses import asdict
from importlib.metadata import version
from typing import Any

from appliance.questions.doctor import Finding

NAMES = {"en": ("Mr John Smith called.", "PERSON"), "ja": ("担当は田中太郎さんです。", "PERSON")}


def main() -> int:
    """Try everything; each result is told as soon as it is known."""
    warnings.simplefilter("ignore")
    for found in probes():
        sys.stdout.write(json.dumps(asdict(found)) + "\n")
        sys.stdout.flush()
    return 0


def probes() -> Iterator[Finding]:
    """Yield one finding a probe; one that raises is a finding too."""
    tried: tuple[tuple[str, Callable[[], Finding], str], ...] = (
        ("gpu", _gpu, "install a torch that fits this machine"),
        ("4-bit layers", _four_bits, "install bitsandbytes as locked"),
        ("names, English", lambda: _names("en"), "install the packages of [studio] as locked"),
        ("names, Japanese", lambda: _names("ja"), "install the packages of [studio] as locked"),
        ("onnx", _onnx, "install onnxruntime as locked"),
    )
    for name, probe, hint in tried:
        try:
            yield probe()
        except Exception as error:  # noqa: BLE001 whatever a library raises is the finding
            yield Finding(name, "fail", f"{type(error).__name__} in it", hint)


def _gpu() -> Finding:
    import torch  # noqa: PLC0415 each probe pays for itself

    if not torch.cuda.is_available():
        hint = "training on a CPU works and is slow; a GPU needs its driver (nvidia-smi) and a CUDA build of torch"
        return Finding("gpu", "warn", f"none that torch {torch.__version__} can use", hint)
    device: Any = torch.cuda.get_device_properties(0)
    found = f"{device.name}, {device.total_memory / 1e9:.1f} GB, CUDA {torch.version.cuda}"
    return Finding("gpu", "pass", found)


def _four_bits() -> Finding:
    from appliance.base_model.loading import largest_rounding, pick_device  # noqa: PLC0415

    device = pick_device("auto")
    error = largest_rounding(device)
    told = f"bitsandbytes {version('bitsandbytes')} on {device}, largest error {error:.2f}"
    if error > 0.2:  # NF4's widest gap is 0.3 of the largest weight
        return Finding("4-bit layers", "fail", told, "install bitsandbytes as locked")
    return Finding("4-bit layers", "pass", told)


def _names(language: str) -> Finding:
    from anonymize.detection.detector import Detector  # noqa: PLC0415
    from anonymize.detection.policy import Policy  # noqa: PLC0415
    from anonymize.records import Quarantined, Record  # noqa: PLC0415

    text, kind = NAMES[language]
    policy = Policy(identifier_kinds={}, text_columns=("text",), workers=1)
    (outcome,) = Detector(policy).detect([Record("1", "", {"text": text})], lambda *_: None)
    findings = () if isinstance(outcome, Quarantined) else outcome[1]
    by = sorted({finding.recognizer for finding in findings if finding.kind == kind})
    name = {"en": "names, English", "ja": "names, Japanese"}[language]
    if not by:
        return Finding(name, "fail", "a plain name was not found", "install the packages of [studio] as locked")
    return Finding(name, "pass", f"found by {', '.join(by)}")


def _onnx() -> Finding:
    import onnxruntime  # noqa: PLC0415

    providers = ", ".join(name.removesuffix("ExecutionProvider") for name in onnxruntime.get_available_providers())
    return Finding("onnx", "pass", f"onnxruntime {onnxruntime.__version__}: {providers}")


if __name__ == "__main__":
    sys.exit(main())
