"""`appliance model add`: the intake of a base model, alone."""

import json

import pytest

from appliance.release.signing import load_public_key, open_signature


@pytest.mark.slow
def test_a_received_model_gets_a_signed_report_and_a_run_can_use_it(make_small, tmp_path):
    small = make_small(tmp_path)
    model = json.loads(json.dumps(small.config.read_text(encoding="utf-8").split('path = "')[1].split('"')[0]))
    waive = ("--waive", "provenance.origin=ours", "--waive", "licence.text=ours", "--by", "M. Sato")
    refused = small.appliance("model", "add", model, "--name", "tiny")
    accepted = small.appliance("model", "add", model, "--name", "tiny", *waive)
    assert refused.returncode == 6
    assert "FAIL    provenance.origin" in refused.stdout
    assert "[[intake.waivers]]" in refused.stderr
    assert accepted.returncode == 0, accepted.stderr
    assert "waived by M. Sato: ours" in accepted.stdout
    key = load_public_key(small.workspace / "keys" / "trusted-key.pem")
    reports = sorted((small.workspace / "models").iterdir())
    assert len(reports) == 2
    for folder in reports:
        signed = open_signature((folder / "model.sig").read_bytes(), key)
        assert list(signed.digests) == ["intake_report.json"]
