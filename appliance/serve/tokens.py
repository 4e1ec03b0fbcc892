"""Who may ask: one secret a client, shown once and kept as its SHA-256 only.

    tokens.json   {"press-shop": {"sha256": "...", "created": "2026-01-31"}, ...}

A secret has 256 random bits: nobody guesses it, so a plain hash is enough and costs nothing to check.
"""

import hashlib
import hmac
import json
import re
import secrets
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from appliance.core.errors import IntegrityError, SettingsError
from appliance.core.hashing import write_whole
from appliance.core.locking import locked

TOKENS_FILE = "tokens.json"
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")
PREFIX = "apl_"  # so that a scanner for secrets, and a person, knows what it is


@dataclass(frozen=True, slots=True)
class Token:
    """What is kept of one client's secret."""

    sha256: str
    created: str  # a day, UTC


def add_token(home: Path, name: str) -> str:
    """Make a secret for a client and return it; it cannot be shown again.

    Raises:
        SettingsError: the name is taken, or is no plain name.
    """
    if not NAME.fullmatch(name):
        raise SettingsError(f"{name!r} is no name of a client", hint="letters, digits, '.', '_' and '-', at most 40")
    home.mkdir(parents=True, exist_ok=True)
    with locked(home / "tokens.lock", str(home)):
        tokens = read_tokens(home)
        if name in tokens:
            raise SettingsError(f"{name} has a token already", hint="remove it first: appliance token remove NAME")
        secret = PREFIX + secrets.token_urlsafe(32)
        _write(home, {**tokens, name: Token(_digest(secret), datetime.now(UTC).date().isoformat())})
    return secret


def remove_token(home: Path, name: str) -> None:
    """Forget a client; a running server notices at the next request.

    Raises:
        SettingsError: there is none of this name.
    """
    with locked(home / "tokens.lock", str(home)):
        tokens = read_tokens(home)
        if name not in tokens:
            raise SettingsError(f"{name}: no such token", hint="appliance token list")
        _write(home, {other: token for other, token in tokens.items() if other != name})


def read_tokens(home: Path) -> dict[str, Token]:
    """Return what is kept of every client.

    Raises:
        IntegrityError: the file cannot be read; nobody is let in.
    """
    file = home / TOKENS_FILE
    if not file.exists():
        return {}
    try:
        return {name: Token(**content) for name, content in json.loads(file.read_bytes()).items()}
    except (ValueError, TypeError, AttributeError, RecursionError):
        raise IntegrityError(f"{file} cannot be read", hint="restore it, or remove it and make new tokens") from None


class Guard:
    """Says which client a secret belongs to; follows changes of the file."""

    def __init__(self, home: Path, *, always: bool = False) -> None:
        self._home = home
        self._always = always
        self._seen: tuple[int, int] | None = None  # time of change (ns) and size of the file; None: no file
        self._tokens: dict[str, Token] = {}
        self._refresh()

    @property
    def is_needed(self) -> bool:
        """Whether clients have to name themselves: always, or as soon as there is one token."""
        self._refresh()
        return self._always or bool(self._tokens)

    def client(self, secret: str) -> str | None:
        """Return the name of the client, None for a secret that nobody has; every entry is compared."""
        self._refresh()
        digest = _digest(secret)
        found = None
        for name, token in self._tokens.items():
            if hmac.compare_digest(token.sha256, digest):
                found = name
        return found

    def _refresh(self) -> None:
        try:
            status = (self._home / TOKENS_FILE).stat()
            seen = (status.st_mtime_ns, status.st_size)
        except FileNotFoundError:
            seen = None
        if seen != self._seen:
            self._tokens = read_tokens(self._home)
            self._seen = seen


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def _write(home: Path, tokens: dict[str, Token]) -> None:
    content = {name: asdict(token) for name, token in tokens.items()}
    write_whole(home / TOKENS_FILE, json.dumps(content, indent=1, sort_keys=True).encode() + b"\n", mode=0o600)
