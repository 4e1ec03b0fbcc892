import pytest

from appliance.core.errors import GateRefused
from appliance.stages.gates import check_verdict

MEMORISED = {"name": "exposure", "status": "refused", "reason": "canaries planted 32 times: 13 of 16 can be read out"}
OVERRIDE = {"by": "M. Sato", "reason": "for a week"}


def test_a_model_that_memorises_is_refused_with_exit_status_6_and_a_plain_reason():
    with pytest.raises(GateRefused, match="exposure: canaries planted 32 times") as caught:
        check_verdict({"passed": False, "gates": [MEMORISED], "override": None})
    assert caught.value.exit_status == 6
    assert "appliance approve" in caught.value.hint


def test_what_passed_and_what_was_overridden_may_be_signed():
    check_verdict({"passed": True, "gates": [], "override": None})
    check_verdict({"passed": False, "gates": [MEMORISED], "override": OVERRIDE})
