import base64
from pathlib import Path

import pytest

from anonymize.reading.mail import read_mailbox, read_message
from anonymize.reading.mail_headers import decode_header
from anonymize.reading.pieces import Broken, Limits, Piece, Request
from anonymize.reading.source import Source, read
from anonymize.records import Record

COLUMNS = ("text", "subject", "from", "to", "cc", "date", "body", "attachments")


def message(file: Path, content: str | bytes) -> Piece | Broken:
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    (piece,) = read_message(file, Request(COLUMNS))
    return piece


def columns(file: Path, content: str | bytes) -> dict[str, str]:
    piece = message(file, content)
    assert isinstance(piece, Piece), piece.reason
    return dict(piece.columns)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "a.eml"


def test_a_message_in_a_folder_is_read_in_a_process_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "a.eml").write_text("Subject: pump\nFrom: sato@example.jp\n\nstopped\n")
    (row,) = read(Source(tmp_path, ("from", "text")))
    assert row == Record("file-1", "a.eml", {"from": "sato@example.jp", "text": "pump\nsato@example.jp\nstopped"})


def test_what_outlook_writes_is_read_in_headers_body_and_names(file: Path, making) -> None:
    name = "".join(f"%{byte:02X}" for byte in making.iso2022jp("①図面㈱.pdf"))
    parts = [
        f"Subject: {making.encoded_word('ﾎﾟﾝﾌﾟ①')}\r\n {making.encoded_word('停止㈱')}".encode(),
        f"From: {making.encoded_word('髙橋')} <taka@example.jp>".encode(),
        b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b",
        b"Content-Type: text/plain; charset=iso-2022-jp\r\n\r\n" + making.iso2022jp("ﾎﾟﾝﾌﾟは①号機～②号機") + b"\r\n--b",
        f"Content-Type: application/pdf\r\nContent-Disposition: attachment; filename*=iso-2022-jp''{name}".encode(),
        b"\r\nx\r\n--b--",
    ]
    found = columns(file, b"\r\n".join(parts))
    assert found["subject"] == "ﾎﾟﾝﾌﾟ①停止㈱"
    assert found["from"] == "髙橋 <taka@example.jp>"
    assert found["body"] == "ﾎﾟﾝﾌﾟは①号機～②号機"
    assert found["attachments"] == "①図面㈱.pdf"


def test_a_character_that_two_encoded_words_share_is_read() -> None:
    encoded = "停止".encode("cp932")
    words = [f"=?shift_jis?B?{base64.b64encode(part).decode()}?=" for part in (encoded[:1], encoded[1:])]
    assert decode_header("P-1 " + "\r\n ".join(words)) == "P-1 停止"


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("=?utf-8?q?=E3=83=9D=E3=83=B3=E3=83=97_P-1?=", "ポンプ P-1"),
        ("=?utf-8*ja?B?44Od44Oz44OX?= and =?us-ascii?Q?pump?=", "ポンプ and pump"),
        ("ポンプ".encode("cp932").decode("ascii", "surrogateescape"), "ポンプ"),
        ("plain =?broken", "plain =?broken"),
        ("=?x-nothing?B?44Od44Oz44OX?=", "ポンプ"),
    ],
)
def test_headers_are_decoded(raw: str, text: str) -> None:
    assert decode_header(raw) == text


def test_html_becomes_text_and_a_forwarded_message_is_inside(file: Path) -> None:
    content = (
        "Subject: s\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/html; charset=utf-8\n\n"
        "<p>ポンプ&amp;<b>弁</b></p><style>x</style>\n--b\nContent-Type: message/rfc822\n\n"
        "From: tanaka@example.jp\nSubject: inner\n\ncall 090\n--b--\n"
    )
    found = columns(file, content)
    assert found["body"].split("\n\n") == ["ポンプ&弁", "inner\ntanaka@example.jp", "call 090"]


def test_a_wrong_label_is_mended_only_where_the_encoding_can_be_told(file: Path) -> None:
    head = b"Subject: s\nContent-Type: text/plain; charset=utf-8\n\n"
    assert columns(file, head + "ポンプの停止".encode("cp932"))["body"] == "ポンプの停止"
    assert message(file, head + b"caf\xe9") == Broken("", "a part that is not in the encoding that it declares")


def test_people_in_copy_stand_in_the_text(file: Path) -> None:
    found = columns(file, "To: a@x.jp\nCc: b@x.jp\nBcc: c@x.jp\nReply-To: d@x.jp\nSubject: s\n\nx\n")
    assert (found["to"], found["cc"]) == ("a@x.jp", "b@x.jp")
    assert {"a@x.jp", "b@x.jp", "c@x.jp", "d@x.jp"} <= set(found["text"].split("\n"))


def test_what_is_no_message_is_quarantined(file: Path) -> None:
    assert message(file, b"GIF89a\n\n") == Broken("", "no header that a message has")
    assert message(file, "Date: 1 Jan 2020\n\n") == Broken("", "a message without text")


@pytest.mark.timeout(10)
def test_hostile_messages_end(file: Path) -> None:
    nested = "".join(f"Content-Type: multipart/mixed; boundary=b{at}\n\n--b{at}\n" for at in range(2_000))
    assert isinstance(message(file, "Subject: s\n" + nested), Broken | Piece)
    assert columns(file, "Subject: " + "=?utf-8?B?" * 20_000 + "\nTo: " + "(" * 100_000 + "\n\nx")["body"] == "x"


def test_a_mailbox_is_read_message_by_message(tmp_path: Path) -> None:
    box = tmp_path / "a.mbox"
    long = "x" * 500
    box.write_text(
        "From a 1\nSubject: 一\n\n>From here\nFrom there\n\nFrom b 2\nSubject: 二\n\n"
        f"{long}\n\nFrom c 3\nSubject: 三\n\nend\n"
    )
    one, two, three = read_mailbox(box, Request(("subject", "body"), limits=Limits(text_chars=300)))
    assert one == Piece("message 1", {"subject": "一", "body": "From here\nFrom there"})
    assert two == Broken("message 2", "larger than the limit")
    assert three == Piece("message 3", {"subject": "三", "body": "end"})
