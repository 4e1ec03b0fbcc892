"""What the doctor says of this machine, and of one where something is wrong."""

import os

import pytest

from appliance.core.workspace import Workspace
from appliance.questions.doctor import Finding, quick_checks


def checks(workspace: Workspace) -> dict[str, Finding]:
    return {found.name: found for found in quick_checks(workspace)}


def test_this_machine_has_what_the_tests_need(tmp_path) -> None:
    found = checks(Workspace(tmp_path / "w"))
    assert {found[name].result for name in ("python", "packages", "import names", "clock")} == {"pass"}
    assert all(each.hint for each in found.values() if each.result != "pass")


def test_an_open_vault_and_a_clock_behind_its_own_files_are_told_with_what_to_do(tmp_path) -> None:
    workspace = Workspace(tmp_path / "w")
    workspace.vault.mkdir(parents=True)
    workspace.vault.chmod(0o755)
    events = workspace.run("a-12345678").events
    events.parent.mkdir(parents=True)
    events.write_text("")
    os.utime(events, (2e10, 2e10))
    found = checks(workspace)
    assert (found["vault"].result, found["vault"].hint) == ("fail", f"chmod 700 {workspace.vault}")
    assert (found["clock"].result, found["clock"].hint) == ("fail", "set the clock: timedatectl set-time")


@pytest.mark.slow
def test_every_probe_of_the_libraries_comes_to_an_end(call) -> None:
    done = call("doctor", "--json")
    assert done.status in (0, 5)
    assert done.out.count('"name"') == 14
