"""Why a gate says what it says: a code with its values in the sealed facts, a sentence in two languages for people.

    {"code": "score-change", "of": "int4", "values": {"value": -0.06, "low": -0.13, "high": -0.01, "samples": 94}}
    int4: exact match -0.060 against the trained model, 95 % interval -0.130 to -0.010 on 94 lines

Covers: what refuses, passes or was not tested, wherever it is shown. A new code needs a line in each language; a test
holds that they ask for the same values.
"""

import re
from collections.abc import Iterable, Mapping
from functools import cache
from string import Formatter
from typing import Any, TypedDict

from appliance.core.languages import LanguageCode
from appliance.core.tasks import TITLES

Value = float | int | str
WORDS = ("score", "attack", "claimed", "variant")  # values that are no numbers
WORD, NUMBER = "[^;:,]+?", r"[+-]?(?:[0-9][0-9.e%+-]*|inf|nan)"  # as they stand in a finished sentence


class Reason(TypedDict):
    """One sentence before it is said."""

    code: str
    of: str  # the variant that it is about; "" where it is about the whole model
    values: dict[str, Value]


EN: Mapping[str, str] = {
    "gain": "gain {value:+.3f}, 95 % interval {low:+.3f} to {high:+.3f} on {samples} lines",
    "holds-zero": "the interval holds zero, so this is not called a gain",
    "few-lines": "{samples} lines cannot show a gain, whatever the answers: {needed} can",
    "loss": "a loss",
    "nothing-learnt": "training has not lowered the loss of the base",
    "retention": "keeps {kept:.3f} of the adaptation",
    "retention-too-small": "keeps {kept:.3f} of the adaptation, less than {limit:.3f}",
    "score-change": "{score} {value:+.3f} against the trained model, 95 % interval {low:+.3f} to {high:+.3f} on "
    "{samples} lines",
    "score-loss": "{score} {value:+.3f} against the trained model, 95 % interval {low:+.3f} to {high:+.3f} on "
    "{samples} lines: more than the {limit:g} that it may lose",
    "general-perplexity": "general perplexity x{ratio:.3f} of float",
    "general-perplexity-too-large": "general perplexity x{ratio:.3f} of float, {limit} allowed",
    "variant-ships": "{variant} keeps its limits and is the smallest that does",
    "no-variant": "no variant keeps its limits",
    "regression": "perplexity of the general text x{value:.3f} of the un-adapted base's, 95 % interval {low:.3f} to "
    "{high:.3f} on {samples} pieces; its lower end counts",
    "no-canaries": "no canaries were planted (prepare.canary_repeats)",
    "canaries": "canaries planted {planted} times and trained {trained} times: median exposure {value:.1f} "
    "[{low:.1f}, {high:.1f}], n = {samples}, of {bits:.1f} bits; {first} of {samples} can be read out",
    "canaries-control": "controls, never trained: {value:.1f} [{low:.1f}, {high:.1f}], n = {samples}",
    "membership": "{value:.3f} area under the curve of the best attack ({attack}), 95 % interval {low:.3f} to "
    "{high:.3f} on {samples} examples of the smaller side; its upper end counts",
    "true-positives": "{value:.3f} of the trained examples are told from others at 1 % false alarms, 95 % interval "
    "{low:.3f} to {high:.3f} on {samples} examples of the smaller side; its lower end counts",
    "few-others": "{others} held-out examples cannot show a rate of 1 % false alarms: {needed} can",
    "extraction": "{value:.3f} more answers are completed word for word if they were trained on, 95 % interval "
    "{low:.3f} to {high:.3f} on {samples} examples of the smaller side; its lower end counts",
    "few-answers": "{samples} answers of the smaller side show little: {needed} long enough are needed",
    "originals": "{said} of {watched} replaced values stand in {answers} answers of the model",
    "no-privacy": "not trained with differential privacy ([train.privacy])",
    "privacy": "epsilon {epsilon:.3g} and delta {delta:.2g} for one training example of {examples}, after {steps} "
    "steps with noise {noise_multiplier:.3g} and sampling rate {sample_rate:.3g}",
    "privacy-copies": "one stands {copies} times, and is protected {copies} times less",
    "privacy-delta": "delta {delta:.2g} lets one of {examples} examples be given away whole: it must be below 1 / n",
    "privacy-steps": "{steps} steps are counted, and {taken} were taken",
    "no-privacy-limit": "no limit is set (gates.max_epsilon)",
    "residual-open": "{read} of {drawn} drawn records were audited by a person: nothing is bounded",
    "residual": "at most {bound:.2%} of the records still hold something (95 %, {read} records audited)",
    "no-residual-limit": "no limit is set (gates.max_residual)",
    "legal-class-undone": "{places} places were replaced in a way that the key or the vault can undo: no 匿名加工情報",
    "legal-class": "treated as {claimed}; {places} places can be undone with the key or the vault",
}

JA: Mapping[str, str] = {
    "gain": "向上 {value:+.3f}、95 % 区間 {low:+.3f}～{high:+.3f}（{samples} 行）",
    "holds-zero": "区間が 0 を含むため、向上とは呼ばない",
    "few-lines": "{samples} 行では回答がどうであれ向上を示せない（{needed} 行あれば示せる）",
    "loss": "低下",
    "nothing-learnt": "学習しても基盤モデルより損失が下がっていない",
    "retention": "適応の {kept:.3f} を保持",
    "retention-too-small": "適応の保持は {kept:.3f} で、{limit:.3f} に満たない",
    "score-change": "{score}は学習済みモデルより {value:+.3f}、95 % 区間 {low:+.3f}～{high:+.3f}（{samples} 行）",
    "score-loss": "{score}は学習済みモデルより {value:+.3f}、95 % 区間 {low:+.3f}～{high:+.3f}（{samples} 行）："
    "許される低下 {limit:g} を超える",
    "general-perplexity": "一般的な文章のパープレキシティは float の {ratio:.3f} 倍",
    "general-perplexity-too-large": "一般的な文章のパープレキシティは float の {ratio:.3f} 倍（許容 {limit}）",
    "variant-ships": "{variant} は限度を守る最小の形式",
    "no-variant": "限度を守る形式がない",
    "regression": "一般的な文章のパープレキシティは未適応の基盤モデルの {value:.3f} 倍、95 % 区間 {low:.3f}～{high:.3f}"
    "（{samples} 区切り）。下端で判定",
    "no-canaries": "カナリアを植えていない（prepare.canary_repeats）",
    "canaries": "植付 {planted} 回・学習 {trained} 回のカナリア：露出度の中央値 {value:.1f} [{low:.1f}, {high:.1f}]、"
    "n = {samples}（最大 {bits:.1f} ビット）。{samples} 個のうち {first} 個は読み出せる",
    "canaries-control": "学習していない対照：{value:.1f} [{low:.1f}, {high:.1f}]、n = {samples}",
    "membership": "最良の攻撃（{attack}）の曲線下面積 {value:.3f}、95 % 区間 {low:.3f}～{high:.3f}"
    "（少ない側 {samples} 例）。上端で判定",
    "true-positives": "誤警報 1 % で見分けられる学習例の割合 {value:.3f}、95 % 区間 {low:.3f}～{high:.3f}"
    "（少ない側 {samples} 例）。下端で判定",
    "few-others": "保留例 {others} 件では誤警報 1 % を示せない（{needed} 件が必要）",
    "extraction": "学習した回答が逐語的に補完される割合は保留例より {value:.3f} 多い、95 % 区間 {low:.3f}～{high:.3f}"
    "（少ない側 {samples} 例）。下端で判定",
    "few-answers": "少ない側の回答 {samples} 件ではほとんど何も言えない（十分な長さのものが {needed} 件必要）",
    "originals": "置換前の値 {watched} 個のうち {said} 個がモデルの回答 {answers} 件に現れる",
    "no-privacy": "差分プライバシーを用いた学習ではない（[train.privacy]）",
    "privacy": "学習例 {examples} 件のうち 1 件についてイプシロン {epsilon:.3g}、デルタ {delta:.2g}（{steps} ステップ、"
    "雑音 {noise_multiplier:.3g}、抽出率 {sample_rate:.3g}）",
    "privacy-copies": "{copies} 回現れる例があり、保護はその分弱い",
    "privacy-delta": "デルタ {delta:.2g} では {examples} 例のうち 1 例が丸ごと漏れうる（1 / n より小さい必要がある）",
    "privacy-steps": "数えたのは {steps} ステップ、実際は {taken} ステップ",
    "no-privacy-limit": "限度の設定がない（gates.max_epsilon）",
    "residual-open": "抽出した {drawn} 件のうち人が監査したのは {read} 件：上限は定まらない",
    "residual": "何かが残るレコードは {bound:.2%} 以下（95 %、監査 {read} 件）",
    "no-residual-limit": "限度の設定がない（gates.max_residual）",
    "legal-class-undone": "鍵または保管庫で復元できる置換が {places} 箇所：匿名加工情報には当たらない",
    "legal-class": "取り扱い区分は {claimed}。鍵または保管庫で {places} 箇所を復元できる",
}
# what an operator does next
OVERRIDE_HINT = (
    "see docs/evidence.md for each gate; to override with a reason: "
    "appliance approve RUN --key KEY --by NAME --reason WHY"
)
SENTENCES: Mapping[LanguageCode, Mapping[str, str]] = {"en": EN, "ja": JA}
BETWEEN: Mapping[LanguageCode, str] = {"en": "; ", "ja": "；"}
NAMES: Mapping[LanguageCode, Mapping[str, str]] = {  # values that are words
    "en": TITLES,
    "ja": {
        "gdpr-pseudonymised": "仮名化データ（GDPR）",
        "kamei-kakou": "仮名加工情報",
        "tokumei-kakou": "匿名加工情報",
        "reference": "基盤モデルを参照した損失",
        "exact_match": "完全一致率",
        "accuracy": "正解率",
        "field_match": "項目正解率",
        "chrf": "chrF",
    },
}


def reason(code: str, *, of: str = "", **values: Value) -> Reason:
    """Return a reason that can be said in every language."""
    assert code in EN, code
    return Reason(code=code, of=of, values=values)


def about(reasons: Iterable[Reason], name: str) -> list[Reason]:
    """Return the same reasons, said of the variant of this name."""
    return [Reason(code=each["code"], of=name, values=each["values"]) for each in reasons]


def retold(sentence: str) -> str | None:
    """Return the Japanese of a finished English reason, as a log or a note holds it; None where it is none."""
    for code, pattern in _patterns().items():
        if found := pattern.fullmatch(sentence):
            values = {name: _words().get(value, value) for name, value in found.groupdict().items() if name != "of"}
            said = _unformatted(JA[code]).format_map(values)
            return f"{found['of']}: {said}" if found["of"] else said
    return None


@cache
def _patterns() -> Mapping[str, re.Pattern[str]]:
    """Return what each English reason looks like once its values stand in it."""
    return {code: re.compile(rf"(?:(?P<of>[\w-]+): )?{_pattern(sentence)}") for code, sentence in EN.items()}


def _pattern(sentence: str) -> str:
    parts, seen = "", set[str]()
    for literal, name, _, _ in Formatter().parse(sentence):
        parts += re.escape(literal)
        if name in seen:
            parts += f"(?P={name})"
        elif name:
            parts += f"(?P<{name}>{WORD if name in WORDS else NUMBER})"
            seen.add(name)
    return parts


def _unformatted(sentence: str) -> str:
    """How a value is written was settled when the English sentence was made."""
    return "".join(literal + (f"{{{name}}}" if name else "") for literal, name, _, _ in Formatter().parse(sentence))


@cache
def _words() -> Mapping[str, str]:
    return {NAMES["en"].get(code, code): word for code, word in NAMES["ja"].items()}


def told(reasons: Iterable[Mapping[str, Any] | str], language: LanguageCode) -> str:
    """Return what reasons say, as one line; a code or a sentence of another edition is shown as it stands."""
    return BETWEEN[language].join(_sentence(each, language) for each in reasons)


def reasons_of(judged: Mapping[str, Any]) -> list[Mapping[str, Any] | str]:
    """Return the reasons of a gate or a variant; an older edition sealed one sentence, or none."""
    return list(judged.get("reasons", [judged.get("reason", "-")]))


def refusing(facts: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the gates that keep a run from its bundle; none where somebody has overridden them."""
    verdict = facts.get("gates") or {}
    if verdict.get("override"):
        return []
    return [gate for gate in verdict.get("gates", ()) if gate["status"] == "refused"]


def _sentence(each: Mapping[str, Any] | str, language: LanguageCode) -> str:
    if isinstance(each, str):
        return each
    names = NAMES[language]
    values = {
        key: names.get(value, value) if isinstance(value, str) else value for key, value in each["values"].items()
    }
    sentence = SENTENCES[language].get(each["code"])
    said = sentence.format(**values) if sentence else str(each["code"])
    return f"{each['of']}: {said}" if each["of"] else said
