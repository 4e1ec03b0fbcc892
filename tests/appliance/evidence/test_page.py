import html.parser
import re
import string

import pytest

from appliance.core.purpose import KpiSettings
from appliance.core.reasons import reason
from appliance.evaluation.fields import OTHERS
from appliance.evaluation.kpi import kpi_facts
from appliance.evaluation.sample_curve import sample_facts
from appliance.evidence import dossier as names
from appliance.evidence.page import page
from appliance.evidence.words import WORDS

VOID = {"meta", "br", "circle", "line", "polygon", "polyline", "rect"}


class Checked(html.parser.HTMLParser):
    """Holds every tag open until it is closed, and keeps ids, links and attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.open, self.ids, self.links, self.tags = [], set(), [], []

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        self.tags.append((tag, given))
        self.ids |= {given["id"]} if "id" in given else set()
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert tag in VOID or self.open.pop() == tag


def _checked(text):
    parser = Checked()
    parser.feed(text)
    assert parser.open == []
    return parser


@pytest.fixture(params=["en", "ja"])
def language(request):
    return request.param


def test_both_languages_have_the_same_words_with_the_same_places_to_fill():
    fields = {
        language: {
            key: {name for _, name, _, _ in string.Formatter().parse(text) if name} for key, text in words.items()
        }
        for language, words in WORDS.items()
    }
    assert fields["en"] == fields["ja"]
    japanese = re.compile("[ぁ-んァ-ヶ一-龠]")
    assert all(japanese.search(text) for text in WORDS["ja"].values())


def test_the_page_is_well_formed_and_loads_nothing(make_dossier, sealed_facts, language):
    text = page(make_dossier(sealed_facts), language)
    checked = _checked(text)
    assert not {"script", "link", "img", "iframe", "object"} & {tag for tag, _ in checked.tags}
    assert "http:" not in text
    assert "https:" not in text
    assert not re.search(r"url\(|@import|\son\w+=", text)
    assert "ライン-3 &lt;b&gt;" in text


def test_every_number_links_to_its_file_and_tells_its_place_there(make_dossier, sealed_facts, language):
    dossier = make_dossier(sealed_facts)
    checked = _checked(page(dossier, language))
    numbers = [given for tag, given in checked.tags if tag == "a"]
    assert len(numbers) > 150
    for given in numbers:
        assert given["href"].removeprefix("#") in checked.ids
        file, place = given["title"].split(" ", 1)
        value = dossier.files[file]
        for key in place.strip("/").split("/"):
            value = value[int(key)] if isinstance(value, list) else value[key]
        assert value is None or isinstance(value, int | float)


def test_the_same_facts_give_the_same_bytes(make_dossier, sealed_facts, language):
    assert page(make_dossier(sealed_facts), language) == page(make_dossier(sealed_facts), language)


def test_it_never_says_anonymous(make_dossier, sealed_facts, language):
    text = page(make_dossier(sealed_facts), language)
    assert "anonymous" not in text.casefold().replace("anonymously", "")
    assert "匿名化" not in text


def test_a_refusal_and_an_override_stand_at_the_head(make_dossier, sealed_facts, language):
    gates = sealed_facts[names.GATES]
    gates["passed"] = False
    gates["gates"][2]["status"] = "refused"
    assert '<p class="verdict refused">' in page(make_dossier(sealed_facts), language)
    gates["override"] = {
        "by": "M. <Sato>",
        "reason": "試験運用のみ",
        "time": "2026-11-24T09:00:00Z",
        "key_id": "f" * 64,
    }
    text = page(make_dossier(sealed_facts), language)
    assert '<p class="verdict overridden">' in text
    assert "M. &lt;Sato&gt;" in text
    assert "試験運用のみ" in text


def test_what_was_not_measured_is_told(make_dossier, sealed_facts, language):
    sealed_facts[names.CARD]["business"] = None
    sealed_facts[names.SAFETY]["canaries"] = None
    sealed_facts[names.RESIDUAL]["read"] = 0
    sealed_facts[names.SAMPLES] = {"points": []}
    sealed_facts[names.EXAMPLES] = {"differences": [], "outliers": []}
    text = page(make_dossier(sealed_facts), language)
    assert WORDS[language]["canaries_none"] in text
    assert WORDS[language]["status_not tested"] in text
    assert WORDS[language]["business"] not in text
    assert WORDS[language]["samples_off"] in text
    assert WORDS[language]["changed_none"] in text


def test_more_data_pays_only_where_the_interval_of_the_gain_does_not_hold_zero(make_dossier, sealed_facts, language):
    words, gain = WORDS[language], sealed_facts[names.SAMPLES]["gain_of_twice"]
    yes, no = (words[key].split("{gain}")[0] for key in ("samples_pays", "samples_not_shown"))
    assert gain["low"] > 0
    assert yes in page(make_dossier(sealed_facts), language)
    flat = [{"examples": size, "worth": [0, 1] * 47 + [1]} for size in (47, 93, 187, 373)]
    text = page(make_dossier({**sealed_facts, names.SAMPLES: sample_facts(flat, 7)}), language)
    assert no in text
    assert yes not in text


def test_texts_of_records_cannot_become_markup(make_dossier, sealed_facts, language):
    text = page(make_dossier(sealed_facts), language)
    assert "①号機 &lt;軸受け&gt;" in text
    assert "nothing &amp; none" in text


def test_what_a_model_says_cannot_steer_the_page(make_dossier, sealed_facts, language):
    sealed_facts[names.EXAMPLES]["differences"][0]["base"] = "ポンプ\r\x1b[2J\u202e."
    text = page(make_dossier(sealed_facts), language)
    assert "ポンプ␍␛[2J\ufffd." in text


def test_the_head_tells_the_stage_the_judged_target_and_what_was_decided_before(make_dossier, sealed_facts, language):
    text, words = page(make_dossier(sealed_facts), language), WORDS[language]
    for told in ("stage_evaluation", "kpi_open", "decision_back", "decision_go-on"):
        assert words[told] in text
    assert "目標に届く見込み &lt;b&gt;" in text
    assert "c" * 12 in text


@pytest.mark.parametrize(("target", "word"), [(0.3, "kpi_reached"), (0.95, "kpi_not reached")])
def test_a_target_is_judged_by_the_whole_interval(make_dossier, sealed_facts, language, target, word):
    kpi = kpi_facts(KpiSettings(target=target), sealed_facts[names.SCORES], sealed_facts[names.VARIANTS])
    sealed_facts[names.CARD]["kpi"] = kpi
    assert WORDS[language][word] in page(make_dossier(sealed_facts), language)


def test_a_poc_without_a_target_tells_that_nothing_was_decided(make_dossier, sealed_facts, language):
    sealed_facts[names.CARD]["kpi"] = None
    sealed_facts[names.DECISIONS] = {"stage": "poc", "project": None, "approver_key": None, "decisions": []}
    text = page(make_dossier(sealed_facts), language)
    assert WORDS[language]["decisions_none"] in text
    assert WORDS[language]["kpi"] not in text


def test_money_tells_the_source_of_every_input_and_what_was_not_measured(make_dossier, sealed_facts, language):
    text, words = page(make_dossier(sealed_facts), language), WORDS[language]
    for told in ("from_stated", "from_default", "from_measured", "from_not measured", "energy_no counter"):
        assert words[told] in text
    assert "A processor &lt;b&gt;" in text
    sealed_facts[names.COST]["requests"] = None
    assert words["cost_no_requests"] in page(make_dossier(sealed_facts), language)


@pytest.mark.parametrize("why", ["no counter", "not readable"])
def test_energy_that_was_not_measured_is_said_to_be_so(make_dossier, sealed_facts, language, why):
    sealed_facts[names.COST]["requests"] |= {"joules": None, "energy": why}
    text = page(make_dossier(sealed_facts), language)
    assert WORDS[language]["cost_no_joules"].format(why=WORDS[language][f"energy_{why}"]) in text


def test_why_a_gate_refuses_or_was_not_tested_is_said_in_the_language_of_the_page(make_dossier, sealed_facts):
    sealed_facts[names.VARIANTS]["variants"]["float"]["reasons"] = [
        reason("retention-too-small", kept=0.83, limit=0.98)
    ]
    dossier = make_dossier(sealed_facts)
    english, japanese = (page(dossier, language) for language in ("en", "ja"))
    assert "keeps 0.830 of the adaptation, less than 0.980" in english
    assert "適応の保持は 0.830 で、0.980 に満たない" in japanese
    assert "no limit is set (gates.max_residual)" in english
    assert "限度の設定がない（gates.max_residual）" in japanese
    assert "no limit is set" not in japanese


def test_what_the_intake_found_and_fields_that_nobody_named_are_said_in_the_language_of_the_page(
    make_dossier, sealed_facts
):
    scores = sealed_facts[names.SCORES]
    scores["parts"] = {OTHERS: {who: told["exact_match"] for who, told in scores["scores"].items()}}
    english, japanese = (page(make_dossier(sealed_facts), language) for language in ("en", "ja"))
    assert "Q4_1: carries 4-bit error" in english
    assert "Q4_1: 4 ビットの誤差を含みます" in japanese
    assert "licence.text, failed: LICENSE: the text is no licence known here" in english
    assert "licence.text（不合格）：LICENSE: 知られていないライセンス文です" in japanese
    assert "provenance.origin（免除）：{missing.bin} is not in the list" in japanese  # no message of ours: as it is
    assert "fields that training never showed, together" in english
    assert "学習に現れない項目（まとめて）" in japanese
    assert f">{OTHERS}<" not in english + japanese
