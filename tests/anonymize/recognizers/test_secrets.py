import pytest
from hypothesis import given
from hypothesis import strategies as st

from anonymize.matching.folding import fold
from anonymize.recognizers.secrets import Secrets, entropy

JWT = "eyJhbGciOiJIUzI1NiJ9" + ".eyJzdWIiOiJ0ZXN0In0" + ".c2lnbmF0dXJlLXRlc3Q"
KEY = "-----BEGIN RSA PRIVATE KEY" + "-----\nMIIEabc\n-----END RSA PRIVATE KEY" + "-----"


def found(text: str) -> set[tuple[str, str]]:
    folded = fold(text).text
    return {(guess.kind, folded[guess.start : guess.end]) for guess in Secrets().find([folded])[0]}


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("key AKIA" + "ABCDEFGHIJKLMNOP here", "AKIA" + "ABCDEFGHIJKLMNOP"),
        ("use ghp_" + "a1B2" * 9 + " now", "ghp_" + "a1B2" * 9),
        ("xoxb-" + "123456789012-abcdefghij", "xoxb-" + "123456789012-abcdefghij"),
        (f"token {JWT}", JWT),
        (f"cert:\n{KEY}\nend", KEY),
        ("password=Tr0ub4dor&3 ok", "Tr0ub4dor&3"),
        ("PWD: hunter22", "hunter22"),
        ("DB_PASSWORD = 'geheim99'", "geheim99"),
        ("パスワード：さくら2024！です", "さくら2024!です"),
        ("パスワードはsakura2024。", "sakura2024"),
        ("Authorization: Bearer abcdef0123456789abcdef", "abcdef0123456789abcdef"),
        ("postgres://plant:s3cr3t@db/line", "plant:s3cr3t"),
        ("https://x.example/a?api_key=zx81zx81", "zx81zx81"),
        ('key: "9f8e7d6c5b4a39281706f5e4d3c2b1a0"', "9f8e7d6c5b4a39281706f5e4d3c2b1a0"),
    ],
)
def test_secrets_of_known_form_or_beside_a_label_are_found(text: str, secret: str) -> None:
    assert ("SECRET", secret) in found(text)


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("ping srv-plant01.local", "HOST_NAME", "srv-plant01.local"),
        ("サーバ名：HISTORIAN7が停止", "HOST_NAME", "HISTORIAN7"),
        (r"see \\nas-02\share\doc", "HOST_NAME", "nas-02"),
        ("ping printer.local twice", "HOST_NAME", "printer.local"),
        ("mes.line3.internal is down", "HOST_NAME", "mes.line3.internal"),
        ("laptop-7f3a9 lost", "HOST_NAME", "laptop-7f3a9"),
        (r"C:\Users\taro.yamada\log.txt", "PERSONAL_ID", "taro.yamada"),
        ("/home/hsmith/plc", "PERSONAL_ID", "hsmith"),
        (r"PLANT\j.smith logged in", "PERSONAL_ID", "j.smith"),
        ("ユーザー名: yamada3", "PERSONAL_ID", "yamada3"),
    ],
)
def test_hosts_and_users_of_the_house_are_found(text: str, kind: str, value: str) -> None:
    assert (kind, value) in found(text)


@pytest.mark.parametrize(
    "text",
    [
        "password expired",
        "password: expired",
        "パスワード：変更",
        "password: ********",
        "P-922 E487 10-LT-4501A ERR_0x80070005",
        "DB2637-Inspect rollers",
        "DC-10 and PC-12-45",
        "weld pass: 0.35mm, PW=1200us",
        "sha256 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "libssl3:amd64 3.0.2-0ubuntu1.15",
        r"C:\Users\Public\log.txt",
        "key 12 is stuck, token ring",
        "module drive.control.local_mode",
        "drive.control.local mode=AUTO",
    ],
)
def test_tags_versions_and_checksums_are_no_secrets(text: str) -> None:
    assert found(text) == set()


def test_a_private_key_that_was_cut_off_is_a_secret_to_the_end() -> None:
    text = KEY[:40]
    assert ("SECRET", text) in found(text)


def test_entropy_is_in_bits_a_character() -> None:
    assert entropy("aaaa") == 0
    assert entropy("abcdabcd") == 2


@given(st.text(alphabet="apikeyswordtn=:は\\/.@-_ 01eJ", max_size=80))
def test_every_guess_lies_inside_of_its_text(text: str) -> None:
    assert all(0 <= guess.start < guess.end <= len(text) for guess in Secrets().find([text])[0])
