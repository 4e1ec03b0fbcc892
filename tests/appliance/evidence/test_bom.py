import json

import pytest

from appliance.evidence import dossier as names
from appliance.evidence.bom import bill_of_materials, dangling

LIBRARIES = {"numpy": "2.0", "click": "8.2", "torch": "2.13.0"}


@pytest.fixture
def bill(make_dossier, sealed_facts):
    return bill_of_materials(make_dossier(sealed_facts), LIBRARIES)


def _complaint(bill):
    from cyclonedx.schema import SchemaVersion  # noqa: PLC0415 seconds that only these tests need pay
    from cyclonedx.validation.json import JsonStrictValidator  # noqa: PLC0415

    return JsonStrictValidator(SchemaVersion.V1_6).validate_str(json.dumps(bill))


def test_the_bill_is_valid_cyclonedx(bill):
    assert _complaint(bill) is None


@pytest.mark.parametrize("licence", ["Apache-2.0", "LicenseRef-gemma"])
def test_a_licence_without_a_number_is_valid_too(make_dossier, sealed_facts, licence):
    sealed_facts[names.INTAKE]["licence"]["accepted"] = licence
    assert _complaint(bill_of_materials(make_dossier(sealed_facts), {})) is None


def test_the_validator_refuses_what_the_format_does_not_know(bill):
    bill["metadata"]["component"]["colour"] = "blue"
    assert _complaint(bill) is not None


def test_a_reference_to_nothing_is_found_where_the_schema_finds_none(bill):
    assert dangling(bill) == []
    bill["metadata"]["component"]["modelCard"]["modelParameters"]["datasets"][0]["ref"] = "data:lost"
    assert _complaint(bill) is None
    assert dangling(bill) == ["data:lost"]


def test_the_same_facts_give_the_same_bill_and_others_another_number(make_dossier, sealed_facts, bill):
    assert bill_of_materials(make_dossier(sealed_facts), LIBRARIES) == bill
    sealed_facts[names.DATA]["train"] = 406
    assert bill_of_materials(make_dossier(sealed_facts), LIBRARIES)["serialNumber"] != bill["serialNumber"]


def test_the_model_its_base_its_data_and_its_libraries_stand_in_it(bill):
    kinds = [part["type"] for part in bill["components"]]
    assert kinds == ["machine-learning-model", "data", "library", "library", "library"]
    assert bill["components"][0]["hashes"] == [{"alg": "SHA-256", "content": "ab" * 32}]
    metric = bill["metadata"]["component"]["modelCard"]["quantitativeAnalysis"]["performanceMetrics"][0]
    assert metric["type"] == "exact_match"
    assert float(metric["confidenceInterval"]["lowerBound"]) < float(metric["value"])
