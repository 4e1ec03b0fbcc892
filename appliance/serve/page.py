"""The page that a person on the floor opens: one file, nothing from anywhere else."""

import base64
import hashlib
import re
from functools import cache
from importlib.resources import files

PAGE = "page.html"


@cache
def page() -> bytes:
    """Return the page."""
    return files("appliance.serve").joinpath(PAGE).read_bytes()


def _hashes(tag: str) -> str:
    """Return the CSP sources for the page's own blocks: anything else does not run."""
    blocks = re.findall(rf"<{tag}>(.*?)</{tag}>".encode(), page(), re.DOTALL)
    digests = (base64.b64encode(hashlib.sha256(block).digest()).decode() for block in blocks)
    return " ".join(f"'sha256-{digest}'" for digest in digests)


PAGE_HEADERS = {
    "content-type": "text/html; charset=utf-8",
    "content-security-policy": (
        f"default-src 'none'; script-src {_hashes('script')}; style-src {_hashes('style')}; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
}
