"""The approver's signed word travels with the verdict that it overrides; a factory that knows the key checks it."""

import copy
import json

import pytest

from appliance.core.errors import GateRefused, IntegrityError
from appliance.release.approval import Approval, find_approval, verdict_digest, write_approval
from appliance.release.building import build
from appliance.release.demanding import GATES, Demand
from appliance.release.installing import install
from appliance.release.manifest import Override, Verdict, part_of
from appliance.release.overriding import check_override, override_facts
from appliance.release.signing import generate_key, key_id, load_private_key, load_public_key

REFUSING = [
    {"name": "gain", "status": "refused", "value": 0.02},
    {"name": "exposure", "status": "refused", "value": 13.3},
    {"name": "originals", "status": "passed", "value": 0},
]


@pytest.fixture
def approver(tmp_path):
    return generate_key(tmp_path / "approver")


def overridden(tmp_path, key, gates=("gain", "exposure"), **changes) -> dict:
    """Return a verdict that refuses, with the word that a key signed on it, as it is sealed."""
    judged = {"gates": REFUSING, "limits": {"max_exposure": 5.0}, "ships": {"artifacts": {"export": "c" * 64}}}
    digest = verdict_digest(judged["gates"], judged["limits"], judged["ships"])
    word = Approval(digest, gates, "佐藤 M.", "一ラインで一週間だけ", "2026-11-24T09:00:00Z")
    private = load_private_key(key.private)
    write_approval(word, private, tmp_path / key.id)
    override = override_facts(find_approval(tmp_path / key.id, digest, private.public_key()), private.public_key())
    return json.loads(json.dumps({**judged, "passed": False, "digest": digest, "override": override, **changes}))


def test_the_whole_word_stands_beside_the_verdict_and_holds(tmp_path, approver):
    judged = overridden(tmp_path, approver)
    check_override(judged, load_public_key(approver.public))
    told = judged["override"]
    assert (told["by"], told["reason"], told["gates"]) == ("佐藤 M.", "一ラインで一週間だけ", ["gain", "exposure"])
    assert (told["verdict"], told["key_id"]) == (judged["digest"], approver.id)


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("override", "reason"), "for a week"),
        (("override", "by"), "Suzuki"),
        (("override", "time"), "2026-11-25T09:00:00Z"),
        (("override", "verdict"), "0" * 64),
        (("override", "gates"), ["gain"]),
        (("override", "gates"), None),
        (("override", "key_id"), "0" * 64),
        (("override", "signature"), ""),
        (("override", "signature"), None),
        (("override",), {"by": "佐藤 M.", "reason": "一ラインで一週間だけ", "time": "t", "key_id": "0" * 64}),
        (("gates", 1, "value"), 4.9),
        (("gates", 2, "status"), "refused"),
        (("limits", "max_exposure"), 14.0),
        (("ships", "artifacts", "export"), "d" * 64),
        (("digest",), "0" * 64),
    ],
)
def test_a_word_that_was_altered_or_is_about_something_else_is_found(tmp_path, approver, place, value):
    changed = copy.deepcopy(overridden(tmp_path, approver))
    at = changed
    for key in place[:-1]:
        at = at[key]
    at[place[-1]] = value
    with pytest.raises(IntegrityError):
        check_override(changed, load_public_key(approver.public))


def test_a_word_of_another_key_is_none_even_where_it_names_the_approvers(tmp_path, approver):
    other = generate_key(tmp_path / "other")
    judged = overridden(tmp_path, other)
    with pytest.raises(IntegrityError, match=f"{other.id}, which is not {approver.id}"):
        check_override(judged, load_public_key(approver.public))
    judged["override"]["key_id"] = approver.id
    with pytest.raises(IntegrityError, match="another key signed it"):
        check_override(judged, load_public_key(approver.public))


def test_a_refusal_without_a_word_is_refused_and_a_verdict_that_passes_needs_none(tmp_path, approver):
    key = load_public_key(approver.public)
    with pytest.raises(GateRefused, match="the gates gain, exposure refuse"):
        check_override(overridden(tmp_path, approver, override=None), key)
    passed = overridden(tmp_path, approver, gates=(), override=None) | {"gates": []}
    check_override(passed, key)


@pytest.fixture
def make_overridden(tmp_path, keys, facts, parts):
    """Return a function: a sealed verdict, what the manifest tells of it -> a signed bundle."""

    def make(judged: dict | None, **told):
        bundle, every = tmp_path / "overridden", dict(parts)
        bundle.mkdir()
        if judged:
            (tmp_path / "gates.json").write_text(json.dumps(judged), encoding="utf-8")
            every[GATES] = tmp_path / "gates.json"
        override = part_of(Override, judged["override"]) if judged and judged["override"] else None
        stated = {"passed": False, "refused": ("gain", "exposure"), "digest": "0" * 64, "override": override} | told
        stated["digest"] = judged["digest"] if judged else stated["digest"]
        build(bundle, every, facts.model_copy(update={"verdict": Verdict(**stated)}), load_private_key(keys.private))
        return bundle

    return make


def test_a_factory_that_knows_the_approver_takes_what_they_let_through(make_overridden, tmp_path, approver, keys):
    demand = Demand(approver=load_public_key(approver.public))
    bundle = make_overridden(overridden(tmp_path, approver))
    done = install(bundle, keys.public, tmp_path / "home", demand)
    assert done.verified.manifest.verdict.override.by == "佐藤 M."


@pytest.mark.parametrize("claim", ["forged", "stranger", "missing", "silent", "summed up otherwise"])
def test_a_factory_that_knows_the_approver_refuses_a_word_that_the_maker_made_up(
    make_overridden, tmp_path, approver, keys, claim
):
    judged, told = overridden(tmp_path, approver), {}
    match claim:
        case "forged":
            judged["override"]["reason"] = "別の理由"
        case "stranger":  # of the maker, who says that it is the approver's
            judged["override"] = overridden(tmp_path, keys)["override"]
        case "missing":
            judged["override"] = None
        case "silent":
            told = {"passed": True, "refused": (), "override": None}
        case _:
            told = {"override": part_of(Override, judged["override"]).model_copy(update={"by": "Suzuki"})}
    bundle = make_overridden(judged, **told)
    assert install(bundle, keys.public, tmp_path / "trusting").previous is None  # the maker's word suffices there
    with pytest.raises(GateRefused if claim == "missing" else IntegrityError):
        install(bundle, keys.public, tmp_path / "home", Demand(approver=load_public_key(approver.public)))
    assert not (tmp_path / "home").exists()


def test_a_bundle_whose_verdict_lies_nowhere_is_refused(make_overridden, bundle, tmp_path, approver, keys):
    demand = Demand(approver=load_public_key(approver.public))
    with pytest.raises(IntegrityError, match="cannot be read as a verdict"):
        install(make_overridden(None), keys.public, tmp_path / "home", demand)
    with pytest.raises(GateRefused, match="carries no verdict"):
        install(bundle, keys.public, tmp_path / "home", demand)
    assert key_id(load_public_key(approver.public)) == approver.id
