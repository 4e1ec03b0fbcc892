"""What `uv sync --no-dev --extra serve` would install on a factory server, as the lock file resolves it."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
# each can carry text away, or is the studio's
HTTP_CLIENTS = {
    "aiohttp", "httpcore", "httpx", "httpx2", "huggingface-hub", "hf-xet", "niquests", "openai", "pycurl", "requests",
    "urllib3", "websockets",
}  # fmt: skip
STUDIO = {"torch", "transformers", "presidio-analyzer", "spacy", "peft", "bitsandbytes", "onnx", "onnxruntime-genai"}


@pytest.fixture(scope="module")
def installed() -> set[str]:
    command = [
        "uv",
        "export",
        "--frozen",
        "--offline",
        "--no-dev",
        "--extra",
        "serve",
        "--no-hashes",
        "--no-emit-project",
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return set(re.findall(r"^([a-z0-9-]+)==", done.stdout, re.MULTILINE))


def test_the_factory_has_what_it_answers_with(installed: set[str]) -> None:
    assert {"onnxruntime", "tokenizers", "llguidance", "starlette", "uvicorn", "cryptography", "pydantic"} <= installed


def test_the_factory_has_no_http_client_and_nothing_of_the_studio(installed: set[str]) -> None:
    assert not installed & HTTP_CLIENTS
    assert not installed & STUDIO
    assert len(installed) < 35
