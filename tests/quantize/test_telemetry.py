import os
import subprocess
import sys
from pathlib import Path

from quantize.variants import Variant

LOAD = """
import sys
from pathlib import Path
from quantize.onnx_session import OnnxSession
OnnxSession(Path(sys.argv[1]), threads=1)
"""


def test_loading_a_model_leaves_no_device_id_and_asks_no_network(float_variant: Variant, tmp_path: Path) -> None:
    """With its telemetry on, onnxruntime writes `deviceid` and a queue of reports below the home folder."""
    environment = {name: value for name, value in os.environ.items() if name != "ORT_DISABLE_TELEMETRY"}
    environment |= {"HOME": str(tmp_path), "XDG_CACHE_HOME": ""}
    subprocess.run([sys.executable, "-c", LOAD, str(float_variant.folder)], env=environment, check=True)
    assert list(tmp_path.rglob("*")) == []
