import os
import subprocess
import sys

import pytest

REFUSED = [
    "import socket; socket.socket()",
    "import subprocess; subprocess.run(['true'])",
    "import os; os.system('true')",
    "open('written', 'w')",
    "import os; os.fork()",
]


@pytest.mark.parametrize("attempt", REFUSED)
def test_a_parser_can_neither_connect_nor_start_programs_nor_write(attempt: str, tmp_path) -> None:
    program = f"import sys; from anonymize.reading.child import _refuse; sys.addaudithook(_refuse); {attempt}"
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, env=environment, capture_output=True, check=False
    )
    assert b"PermissionError" in done.stderr
    assert not list(tmp_path.iterdir())


def test_reading_a_file_is_allowed(tmp_path) -> None:
    (tmp_path / "a").write_text("x")
    program = (
        "import sys; from anonymize.reading.child import _refuse; sys.addaudithook(_refuse); print(open('a').read())"
    )
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, env=environment, capture_output=True, check=False
    )
    assert done.stdout == b"x\n"
