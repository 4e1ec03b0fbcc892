import importlib.util
import os
from pathlib import Path

import pytest

os.environ["HF_HUB_OFFLINE"] = "1"


@pytest.fixture(scope="session")
def make_tiny():
    spec = importlib.util.spec_from_file_location("tiny", Path(__file__).parents[1] / "base_model" / "tiny.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.make


@pytest.fixture(scope="session")
def tiny_folder(make_tiny, tmp_path_factory):
    return make_tiny(tmp_path_factory.mktemp("tiny"))
