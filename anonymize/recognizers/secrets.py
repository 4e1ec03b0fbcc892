"""Secrets that slip into logs and tickets, names of in-house hosts, and users' names in file paths.

Covers: keys and tokens whose issuer gave them a form of their own (AWS, GitHub, GitLab, Slack, Google, Stripe, npm,
JWT, private key blocks), whatever stands beside password, token or パスワード, credentials inside of a connection
string; hosts under .local, .lan, .internal, .corp, .intra, UNC paths, servers with a number; C:\\Users\\NAME.
Does not cover: a secret with neither form nor label; checksums, versions and tag numbers, which are none.
"""

import math
import re
from collections import Counter
from collections.abc import Iterator, Sequence

from anonymize.recognizers.english_words import NO_SECRETS, NO_USERS
from anonymize.recognizers.guesses import Guess

_BEFORE = r"(?<![A-Za-z0-9_-])"
_AFTER = r"(?![A-Za-z0-9_-])"
# forms as their issuers document them
_TOKENS = re.compile(
    rf"{_BEFORE}(?:(?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{{16}}"  # AWS access key id
    r"|gh[pousr]_[A-Za-z0-9]{36,255}|github_pat_[A-Za-z0-9_]{22,255}|glpat-[A-Za-z0-9_-]{20,64}"
    r"|xox[abeoprs]-[A-Za-z0-9-]{10,250}|xapp-[0-9]-[A-Za-z0-9-]{10,250}"
    r"|AIza[A-Za-z0-9_-]{35}|ya29\.[A-Za-z0-9_-]{20,500}"
    r"|[sr]k_(?:live|test)_[A-Za-z0-9]{10,99}|sk-(?:proj-|ant-)?[A-Za-z0-9_-]{20,200}|npm_[A-Za-z0-9]{36}|hf_[A-Za-z0-9]{30,40}"
    r"|SG\.[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43}|dop_v1_[a-f0-9]{64}|pypi-[A-Za-z0-9_-]{50,250}"
    rf"|eyJ[A-Za-z0-9_-]{{8,2000}}\.eyJ[A-Za-z0-9_-]{{8,4000}}(?:\.[A-Za-z0-9_-]{{0,2000}})?){_AFTER}"
)
_SLACK_HOOK = re.compile(r"https://hooks\.slack\.com/services/[A-Za-z0-9/]{20,80}")
_PRIVATE_KEY = re.compile(r"-----BEGIN [A-Z ]{0,30}PRIVATE KEY(?: BLOCK)?-----")
_PRIVATE_KEY_END = re.compile(r"-----END [A-Z ]{0,30}PRIVATE KEY(?: BLOCK)?-----")
_CREDENTIAL = (  # not "pass" and "pw": welding passes and pulse widths
    r"(?:pass(?:word|wd|phrase|code)|pwd|パスワード|暗証番号|合言葉|"
    r"(?:api|access|secret|private|client|account|auth|encryption)[_ -]?(?:key|token|secret)|secret|token|credentials?)"
)
_LABELLED = re.compile(
    rf"(?i)(?<![a-z])(?:[a-z0-9]{{1,20}}[_-]){{0,2}}{_CREDENTIAL}['\"」』】]?"
    r"[ \t]{0,3}(?:=>|:=|[:=]|は|\bis(?= ))[ \t]{0,3}['\"「『]?([^\s'\"「」『』、。;,<>]{4,256})"
)
_BEARER = re.compile(r"(?i)(?<![a-z])(?:bearer|basic)[ ]{1,2}([A-Za-z0-9+/_.~-]{16,2000}={0,2})(?![A-Za-z0-9])")
_IN_URL = re.compile(r"(?i)(?<![a-z0-9])[a-z][a-z0-9+.-]{1,20}://([^\s:/@]{0,64}):([^\s@/]{1,128})@")
_QUERY = re.compile(
    r"(?i)[?&](?:[a-z]{0,12}_)?(?:key|token|sig|signature|secret|password|pwd|auth)=([^\s&#'\"]{4,512})"
)
_AWS_SECRET = re.compile(r"(?i)aws.{0,20}secret.{0,20}?[:= ]['\"]?([A-Za-z0-9/+]{40})(?![A-Za-z0-9/+=])")
# labels that a value beside them makes no secret: "password: expired", "token = null"

_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9])?"
_INTERNAL = r"(?:local|lan|internal|intra|intranet|corp|home|localdomain|private|ad|plant|factory)"
_HOST = re.compile(rf"(?i)(?<![A-Za-z0-9_.@-])((?:{_LABEL}\.){{1,6}}{_INTERNAL})(?![A-Za-z0-9_-]|\.[A-Za-z0-9])")
_ONLY_HOSTS = (".lan", ".corp", ".intranet", ".localdomain")
_HOST_BEFORE = re.compile(
    r"(?i)(?://|(?<![a-z])(?:host|server|ping|ssh|telnet|connect(?:ed)? to|サーバー?|ホスト)[ :=]{0,2})$"
)
_SERVER = re.compile(
    r"(?i)(?<![A-Za-z0-9_.@/-])((?:(?:srv|svr|server|nas|sql|db|web|app|mail|dns|ldap|ftp|vpn|desktop|laptop)-|"
    r"(?:pc|ws|dc|nb)-(?=[a-z]{2})|(?:srv|svr)(?=[0-9]))[a-z0-9]{2,20}(?:-[a-z0-9]{1,20}){0,4})(?![A-Za-z0-9_-])"
)
_UNC = re.compile(r"(?<![\\A-Za-z0-9:])\\\\([A-Za-z0-9][A-Za-z0-9._-]{0,62})\\[^\s\\/:*?\"<>|]")
_HOST_LABEL = re.compile(
    r"(?i)(?<![a-z])(?:hostname|host name|host|computer ?name|server ?name|ホスト名|サーバー?名|コンピュータ名)"
    r"[ ]{0,2}[:=は][ ]{0,2}([A-Za-z0-9](?:[A-Za-z0-9_.-]{0,62}[A-Za-z0-9]))"
)
_USER_PATH = re.compile(
    r"(?i)(?:[a-z]:[\\/]{1,2}users[\\/]{1,2}|[a-z]:\\{1,2}documents and settings\\{1,2}|"
    r"(?<![a-z0-9.])/(?:home|users)/)([^\s\\/:*?\"<>|]{2,64})"
)
_DOMAIN_USER = re.compile(
    r"(?<![\\A-Za-z0-9:._-])[A-Z][A-Z0-9-]{1,14}\\([a-z][a-z0-9]{0,20}[._][a-z0-9._-]{1,30})(?![\\A-Za-z0-9])"
)
_LOGIN = re.compile(
    r"(?i)(?<![a-z])(?:user ?name|login(?: name)?|logged in as|account name|user ?id|"
    r"ユーザー?(?:名|ID)|ログイン(?:名|ID))[ ]{0,2}(?:[:=は]|(?<=as))[ ]{0,2}([A-Za-z][A-Za-z0-9._-]{2,40})"
)
MIN_ENTROPY = 3.0  # bits a character; the least of 2,000 random hexadecimal strings of 32 had 3.0
_KEY_NEARBY = re.compile(
    r"(?i)(?<![a-z])(?:key|token|secret|credential|鍵|トークン|キー)[a-z]{0,2}[ :=は\"']{1,6}"
    r"([A-Za-z0-9+/_-]{24,512}={0,2})(?![A-Za-z0-9])"
)


class Secrets:
    """Secrets, in-house hosts and users' names in paths, as one recognizer."""

    name = "secrets"

    def find(self, texts: Sequence[str]) -> list[list[Guess]]:
        """Return the guesses for each text."""
        return [[*_secrets(text), *_hosts(text), *_users(text)] for text in texts]


def entropy(value: str) -> float:
    """Return Shannon's entropy of a string's characters in bits a character."""
    return -sum(count / len(value) * math.log2(count / len(value)) for count in Counter(value).values())


def _secrets(text: str) -> Iterator[Guess]:
    yield from _private_keys(text)
    for pattern in (_TOKENS, _SLACK_HOOK):
        for match in pattern.finditer(text):
            yield Guess(*match.span(), "SECRET", 0.95, "secret-form")
    yield from _labelled(text)
    for match in _IN_URL.finditer(text):
        yield Guess(match.start(1), match.end(2), "SECRET", 0.9, "secret-in-address")


def _labelled(text: str) -> Iterator[Guess]:
    for match in _LABELLED.finditer(text):
        value = match[1].rstrip(".)]")
        if _may_be_secret(value):
            yield Guess(match.start(1), match.start(1) + len(value), "SECRET", 0.85, "secret-label")
    for pattern in (_BEARER, _QUERY, _AWS_SECRET):
        for match in pattern.finditer(text):
            yield Guess(*match.span(1), "SECRET", 0.85, "secret-label")
    for match in _KEY_NEARBY.finditer(text):
        if entropy(match[1]) >= MIN_ENTROPY and any(char.isdigit() for char in match[1]):
            yield Guess(*match.span(1), "SECRET", 0.7, "secret-entropy")


def _may_be_secret(value: str) -> bool:
    """Tell a value from a word about it (password: expired) and from one that is hidden already (****)."""
    return bool(value) and value.casefold() not in NO_SECRETS and not set(value) <= set("*xX.-_•")


def _private_keys(text: str) -> Iterator[Guess]:
    """A block of key, to its end or, if it was cut off, to the end of the text."""
    at = 0
    while begin := _PRIVATE_KEY.search(text, at):
        end = _PRIVATE_KEY_END.search(text, begin.end())
        at = end.end() if end else len(text)
        yield Guess(begin.start(), at, "SECRET", 1.0, "private-key")


def _hosts(text: str) -> Iterator[Guess]:
    for pattern, score in ((_HOST, 0.8), (_UNC, 0.9), (_HOST_LABEL, 0.85)):
        for match in pattern.finditer(text):
            if pattern is not _HOST or _is_host(text, match):
                yield Guess(*match.span(1), "HOST_NAME", score, "host-name")
    for match in _SERVER.finditer(text):
        if any(char.isdigit() for char in match[1]):
            yield Guess(*match.span(1), "HOST_NAME", 0.6, "host-name")


def _is_host(text: str, match: re.Match[str]) -> bool:
    """Tell a host from a module or a variable (drive.control.local): by a digit, a hyphen, or what stands before it."""
    name = match[1].casefold()
    if any(char.isdigit() or char == "-" for char in name) or name.endswith(_ONLY_HOSTS):
        return True
    return bool(_HOST_BEFORE.search(text, max(0, match.start() - 16), match.start()))


def _users(text: str) -> Iterator[Guess]:
    for pattern, recognizer in ((_USER_PATH, "user-path"), (_DOMAIN_USER, "domain-user"), (_LOGIN, "login")):
        for match in pattern.finditer(text):
            if match[1].casefold() not in NO_USERS:
                yield Guess(*match.span(1), "PERSONAL_ID", 0.8, recognizer)
