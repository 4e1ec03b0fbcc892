"""A bundle arrives by a folder copy on a machine with no way out: verified, installed, served, asked."""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

SCRIPT = """
import json, re, subprocess, sys, socket, time, urllib.request
bundle, key, home = sys.argv[1:]
try:
    socket.create_connection(("192.0.2.1", 80), timeout=2)
    sys.exit("there is a way out")
except OSError:
    pass
subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
def run(*words):
    return subprocess.run([sys.executable, "-m", "appliance", *words], check=True, capture_output=True, text=True)
run("verify", bundle, "--trusted-key", key)
run("install", bundle, "--trusted-key", key, "--home", home)
command = [sys.executable, "-m", "appliance.serve", "--home", home, "--port", "0", "--threads", "1"]
server = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
for line in server.stderr:
    if found := re.match(r"listening at (\\S+)", line):
        break
def ask(path, body):
    request = urllib.request.Request(found[1] + path, json.dumps(body).encode(), {"content-type": "application/json"})
    return json.load(urllib.request.urlopen(request, timeout=60))
said = ask("/v1/chat/completions", {"messages": [{"role": "user", "content": "油漏れ"}]})
vector = ask("/v1/embeddings", {"input": "oil leak"})
records = ask("/search", {"query": "油漏れ"})
server.terminate()
server.wait()
alone = run("generate", "油漏れ", "--home", home, "--json")
print(json.dumps([said["choices"][0]["message"]["content"], len(vector["data"][0]["embedding"]),
                  records["data"][0]["id"], json.loads(alone.stdout)["text"]]))
"""


@pytest.mark.slow
def test_a_copied_bundle_is_verified_installed_and_answers_without_any_way_out(
    tiny: Any, full_bundle: Path, tmp_path: Path
) -> None:
    stick = tmp_path / "stick"
    shutil.copytree(full_bundle, stick)
    command = ["unshare", "-rn", sys.executable, "-c", SCRIPT, str(stick), str(tiny.key), str(tmp_path / "home")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    said, width, first, alone = json.loads(done.stdout)
    assert (said, width, first) == (alone, 384, "4")
