import importlib.util
from pathlib import Path
from types import ModuleType

import pytest


@pytest.fixture(scope="session")
def making() -> ModuleType:
    """The module beside this file: small documents, plain and hostile."""
    spec = importlib.util.spec_from_file_location("making", Path(__file__).with_name("making.py"))
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
