import pytest

from anonymize.errors import TechniqueError
from anonymize.replacing.techniques import Techniques


def test_a_kind_without_a_technique_of_its_own_gets_a_placeholder() -> None:
    techniques = Techniques({"PERSON": "surrogate", "GATE_BADGE": "keep"})
    assert [techniques.of(kind) for kind in ("PERSON", "GATE_BADGE", "URL")] == ["surrogate", "keep", "placeholder"]


@pytest.mark.parametrize(
    ("choice", "message"),
    [
        ({"by_kind": {"person": "keep"}}, "not written in capitals"),
        ({"by_kind": {"PERSON": "hash"}}, "the technique of PERSON is 'hash'"),
        ({"default": ""}, "all other kinds"),
        ({"dates_to": "day"}, "cannot be generalised to 'day'"),
    ],
)
def test_a_choice_that_cannot_be_carried_out_is_refused(choice: dict[str, object], message: str) -> None:
    with pytest.raises(TechniqueError, match=message):
        Techniques(**choice)  # type: ignore[arg-type]
