"""Page, cards, bill and audit say of every kind of task what it was judged by."""

import copy
import html

import pytest

from appliance.core.tasks import JUDGED, TITLES
from appliance.evidence import dossier as names
from appliance.evidence.auditing import audit
from appliance.evidence.bom import bill_of_materials
from appliance.evidence.cards import data_card, model_card
from appliance.evidence.page import page
from appliance.evidence.words import WORDS


@pytest.mark.parametrize("language", ["en", "ja"])
def test_the_page_names_the_kind_its_scores_and_its_contenders(make_dossier, facts_of_a_kind, language):
    text, words = page(make_dossier(facts_of_a_kind), language), WORDS[language]
    kind = facts_of_a_kind[names.SCORES]["kind"]
    primary = html.escape(words[JUDGED[kind].primary])
    assert words["task"].format(kind=words[f"kind_{kind}"], score=primary) in text
    for name in (*JUDGED[kind].measures, *JUDGED[kind].contenders):
        assert f">{words[name]}</t" in text
    assert (words["parts"] in text) is (kind == "json")
    assert "{score}" not in text


def test_the_model_card_tells_every_score_of_every_contender(make_dossier, facts_of_a_kind):
    card, judged = model_card(make_dossier(facts_of_a_kind)), JUDGED[facts_of_a_kind[names.SCORES]["kind"]]
    for who in judged.contenders:
        for measure in judged.measures:
            score = facts_of_a_kind[names.SCORES]["scores"][who][measure]
            assert f"- {TITLES[who]}, {TITLES[measure]}: {score['value']:.3f} [" in card


def test_an_untouched_dossier_is_recomputed_and_a_changed_outcome_of_a_variant_is_found(make_dossier, facts_of_a_kind):
    changed = copy.deepcopy(facts_of_a_kind)
    changed[names.VARIANT_OUTCOMES]["int4"][3] = changed[names.OUTCOMES]["lines"]["base"][3]
    changed[names.VARIANT_OUTCOMES]["int4"][4] = changed[names.OUTCOMES]["lines"]["base"][4]
    found = [_differing(make_dossier(facts)) for facts in (facts_of_a_kind, changed)]
    assert found == [[], ["retention and choice of a variant"]]


def _differing(dossier):
    texts = {f"report/report.{language}.html": page(dossier, language) for language in ("en", "ja")}
    texts |= {"report/data_card.md": data_card(dossier), "report/model_card.md": model_card(dossier)}
    return [each.what for each in audit(dossier, texts, bill_of_materials(dossier, {})) if each.result == "DIFFERS"]
