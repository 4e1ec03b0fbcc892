"""Draw another address of the same form in ranges that the internet gives to nobody.

IPv4 goes to 240.0.0.0/4 (RFC 1112, reserved: 2**28 addresses; the documentation networks hold 768 and a plant's own
10.0.0.0/8 is in use), IPv6 to 2001:db8::/32 (RFC 3849), MAC to locally administered addresses (IEEE 802), domains to
example.com and example.jp (RFC 2606, JPRS).
"""

import ipaddress
import re

from anonymize.matching.watchlist import has_japanese
from anonymize.replacing.keys import Draw, Key
from anonymize.replacing.name_words import GIVEN_NAMES, SURNAMES
from anonymize.replacing.permutations import same_form

_WORD = re.compile(r"[a-z]+|[0-9]+")
_URL = re.compile(r"([a-z][a-z0-9+.-]{0,20}://)?([^/?#]*)(.*)", re.DOTALL)
_ADDRESS = re.compile(r"[0-9a-f:.]+")


def other_email(value: str, draw: Draw, attempt: int) -> str:
    """Return an address with as many words, initials and digits before the @, at an example domain."""
    local, _, domain = value.rpartition("@")
    drawn = _WORD.sub(lambda word: _other_word(word[0], draw), local)
    if attempt >= 2:
        drawn += draw.digits(2 * attempt)
    return f"{drawn}@{_example(domain)}"


def other_ip(value: str, draw: Draw) -> str:
    """Return a reserved address; what stands behind it (/24, :8080) stays."""
    address = _ADDRESS.match(value)
    written = address[0].rstrip(".:") if address else ""
    rest = value[len(written) :]
    if ":" in written and "." in written and written.count(":") == 1:
        written, port = written.split(":")
        rest = f":{port}{rest}"
    if ":" in written:
        return f"{ipaddress.IPv6Address((0x20010DB8 << 96) + draw.below(1 << 96))}{rest}"
    return f"{ipaddress.IPv4Address((0xF << 28) + draw.below((1 << 28) - 1))}{rest}"  # 255.255.255.255 is broadcast


def other_mac(value: str, draw: Draw, key: Key, attempt: int) -> str:
    """Return twelve hexadecimal digits of a locally administered unicast address; another form is permuted."""
    if len(value) != 12:
        return same_form(value, key, "MAC_ADDRESS", attempt)
    first = draw.below(256) & 0b1111_1100 | 0b10
    return f"{first:02x}{draw.below(1 << 40):010x}"


def other_host(value: str, draw: Draw, key: Key, kind: str, attempt: int) -> str:
    """Return a host name of the same form, in an example domain if it had a domain."""
    label, dot, domain = value.partition(".")
    name = _WORD.sub(lambda word: _other_word(word[0], draw), label)
    name += f"-{draw.digits(2 * attempt)}" if attempt >= 2 else ""
    return f"{same_form(name, key, kind, attempt) if has_japanese(name) else name}" + (
        f".{_example(domain)}" if dot else ""
    )


def other_url(value: str, draw: Draw, key: Key, attempt: int) -> str:
    """Return a URL of the same form: scheme kept, host in an example domain, path and query permuted."""
    taken = _URL.fullmatch(value)
    scheme, host, rest = (taken[1] or "", taken[2], taken[3]) if taken else ("", value, "")
    return scheme + other_host(host, draw, key, "URL", attempt) + same_form(rest, key, "URL", attempt)


def _other_word(word: str, draw: Draw) -> str:
    if word.isdecimal():
        return draw.digits(len(word))
    if len(word) == 1:
        return draw.of("abcdefghijklmnoprstw")
    return draw.of(SURNAMES if draw.below(2) else GIVEN_NAMES)


def _example(domain: str) -> str:
    return "example.jp" if domain.endswith(".jp") else "example.com"
