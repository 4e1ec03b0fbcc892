"""A person opens the page in a real browser: Debian's chromium, driven by chromedriver over plain HTTP."""

import json
import shutil
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest

pytestmark = pytest.mark.slow

ELEMENT = "element-6066-11e4-a52e-4f735466cecf"  # the key of W3C WebDriver
FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
)


class Browser:
    """One window."""

    def __init__(self, driver: str, language: str) -> None:
        options = {"args": [*FLAGS, f"--lang={language}"], "prefs": {"intl.accept_languages": language}}
        wanted = {"goog:chromeOptions": options, "goog:loggingPrefs": {"browser": "ALL"}}
        made = call(f"{driver}/session", {"capabilities": {"alwaysMatch": wanted}})
        self._at = f"{driver}/session/{made['sessionId']}"

    def open(self, url: str) -> None:
        call(f"{self._at}/url", {"url": url})

    def find(self, name: str) -> str:
        found = call(f"{self._at}/element", {"using": "css selector", "value": f"#{name}"})
        return f"{self._at}/element/{found[ELEMENT]}"

    def text(self, name: str) -> str:
        return str(call(f"{self.find(name)}/text"))

    def write(self, name: str, text: str) -> None:
        call(f"{self.find(name)}/value", {"text": text})

    def click(self, name: str) -> None:
        call(f"{self.find(name)}/click", {})

    def run(self, script: str) -> Any:
        return call(f"{self._at}/execute/sync", {"script": script, "args": []})

    def complaints(self) -> list[str]:
        entries = call(f"{self._at}/se/log", {"type": "browser"})
        return [
            entry["message"] for entry in entries if entry["level"] == "SEVERE" and "favicon" not in entry["message"]
        ]

    def close(self) -> None:
        urllib.request.urlopen(urllib.request.Request(self._at, method="DELETE"), timeout=30).close()


def call(url: str, body: Any = None) -> Any:
    content = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, content, {"content-type": "application/json"})
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.load(answer)["value"]


def wait_until(holds: Any) -> None:
    end = time.monotonic() + 30
    while not holds():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.1)


@pytest.fixture(scope="module")
def driver() -> Iterator[str]:
    if not (shutil.which("chromium") and shutil.which("chromedriver")):
        pytest.skip("needs Debian's packages chromium and chromium-driver")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with subprocess.Popen(["chromedriver", f"--port={port}"], stdout=subprocess.DEVNULL) as process:
        wait_until(lambda: answers(port))
        yield f"http://127.0.0.1:{port}"
        process.terminate()


def answers(port: int) -> bool:
    try:
        return bool(call(f"http://127.0.0.1:{port}/status")["ready"])
    except OSError:
        return False


@pytest.mark.parametrize(
    ("language", "ask", "card"),
    [("ja", "回答する", ("版", "1.0", "回答の形式 1行")), ("en", "Answer", ("Version", "1.0", "Answers are one line"))],
    ids=["ja", "en"],
)
def test_a_person_asks_searches_and_reads_the_card(
    driver: str, server: Any, language: str, ask: str, card: tuple[str, ...]
) -> None:
    browser = Browser(driver, language)
    try:
        browser.open(server.url)
        assert browser.text("ask") == ask
        wait_until(lambda: all(words in browser.text("card") for words in card))
        browser.write("question", "油漏れ <b>PH639</b>")
        browser.click("ask")
        wait_until(lambda: ", " in browser.text("status") and browser.text("answer"))
        status, answer = server.ask(
            "/v1/chat/completions", {"messages": [{"role": "user", "content": "油漏れ <b>PH639</b>"}]}
        )
        shown = browser.run("return document.getElementById('answer').textContent")
        assert (status, shown) == (200, answer["choices"][0]["message"]["content"])
        browser.click("find")
        wait_until(lambda: "シール交換" in browser.text("answer"))
        browser.click("language")
        assert browser.text("ask") != ask
        assert browser.complaints() == []  # among others: what the content security policy would have kept out
    finally:
        browser.close()


def test_the_page_may_load_and_run_nothing_but_itself(driver: str, server: Any) -> None:
    browser = Browser(driver, "en")
    try:
        browser.open(server.url)
        browser.run(
            "const s = document.createElement('script'); s.textContent = 'window.bad = 1'; document.body.append(s)"
        )
        browser.run("fetch('http://127.0.0.1:9/').catch(() => {})")
        assert browser.run("return window.bad ?? null") is None
        wait_until(lambda: len([line for line in browser.complaints() if "Content Security Policy" in line]) >= 1)
    finally:
        browser.close()
