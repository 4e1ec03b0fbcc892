import subprocess
import sys

import pytest

from appliance.core.errors import SettingsError
from appliance.core.extras import MARKERS, extra_of, require

# a finder that knows nothing of one package, as in an environment without it
WITHOUT = (
    "import sys; from importlib.machinery import PathFinder\n"
    "known = PathFinder.find_spec\n"
    "PathFinder.find_spec = lambda name, *rest: None if name == {hidden!r} else known(name, *rest)\n"
    "from appliance.core.errors import SettingsError; from appliance.core.extras import require\n"
    "try:\n require({extra!r})\nexcept SettingsError as error:\n print(error.message, '|', error.hint)\n"
)


@pytest.mark.parametrize("extra", MARKERS)
def test_what_is_installed_is_found(extra):
    require(extra)


@pytest.mark.parametrize(
    ("hidden", "extra"),
    [("torch", "studio"), ("presidio_analyzer", "studio"), ("onnxruntime", "serve"), ("textual", "tui")],
)
def test_a_missing_package_is_told_with_the_extra_to_install(hidden, extra):
    code = WITHOUT.format(hidden=hidden, extra=extra)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == f"{hidden} is not installed in this environment | install adaptation-appliance[{extra}]\n"


def test_asking_imports_nothing():
    code = "import sys; from appliance.core.extras import require; require('studio'); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"torch", "presidio_analyzer", "onnxruntime"} & set(done.stdout.split())


def test_a_part_of_a_package_belongs_to_its_extra():
    assert extra_of("onnxruntime.capi") == "serve"
    assert extra_of("presidio_analyzer") == "studio"
    assert extra_of("textual.app") == "tui"
    assert extra_of("json") is None


def test_a_missing_extra_is_the_operators_matter(monkeypatch):
    monkeypatch.setitem(MARKERS, "serve", ("no_such_package",))
    with pytest.raises(SettingsError, match="no_such_package"):
        require("serve")
