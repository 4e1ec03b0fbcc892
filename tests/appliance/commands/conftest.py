"""A signed bundle in two versions, and the command line in this process."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from appliance.__main__ import main
from appliance.release.building import build
from appliance.release.manifest import BaseModelFacts, BundleFacts, Prompt
from appliance.release.signing import generate_key, load_private_key


@dataclass(frozen=True, slots=True)
class Done:
    """What a command said and how it ended."""

    status: int
    out: str
    err: str


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str]) -> Callable[..., Done]:
    """Return a function that runs one command."""

    def run(*arguments: str | Path) -> Done:
        with pytest.raises(SystemExit) as ended:
            main([str(argument) for argument in arguments])
        said = capsys.readouterr()
        return Done(int(ended.value.code or 0), said.out, said.err)

    return run


@dataclass(frozen=True, slots=True)
class Factory:
    """A place where bundles are made, and a home to install them in."""

    root: Path

    @property
    def trusted_key(self) -> Path:
        """The maker's public key."""
        return self.root / "keys" / "trusted-key.pem"

    @property
    def home(self) -> Path:
        """Where they are installed."""
        return self.root / "home"

    def bundle(self, version: str) -> Path:
        """Make a bundle."""
        folder = self.root / f"bundle-{version}"
        folder.mkdir()
        (self.root / "model").write_bytes(b"graph")
        facts = BundleFacts(
            name="work-orders",
            version=version,
            variant="int4",
            licence="Apache-2.0",
            base_model=BaseModelFacts(name="tiny", sha256="ab" * 32, licence="Apache-2.0"),
            prompt=Prompt(prefix="作業: ", suffix="\n", stop_ids=(2,)),
        )
        key = load_private_key(self.root / "keys" / "signing-key.pem")
        build(folder, {"model.onnx": self.root / "model"}, facts, key)
        return folder


@pytest.fixture
def factory(tmp_path: Path) -> Factory:
    """Return a factory with a key."""
    generate_key(tmp_path / "keys")
    return Factory(tmp_path)
