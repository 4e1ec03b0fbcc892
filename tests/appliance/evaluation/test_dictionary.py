from appliance.evaluation.dictionary import aligned, learn

PAIRS = [
    ("REPL PMP", "replace pump"),
    ("REPL hyd hose", "replace hydraulic hose"),
    ("repl c/o hose", "replace change out hose"),
    ("ポンプ交換 済", "ポンプを交換 済み"),
]


def test_words_that_were_seen_are_replaced_whatever_their_case():
    assert learn(PAIRS).predict("repl HYD pmp") == "replace hydraulic pump"


def test_japanese_words_are_replaced():
    assert learn(PAIRS).predict("ポンプ交換 済") == "ポンプを交換 済み"


def test_the_most_frequent_replacement_wins_and_ties_go_by_the_alphabet():
    assert learn([("a", "y"), ("a", "x"), ("a", "y")]).predict("a") == "y"
    assert learn([("a", "y"), ("a", "x")]).predict("a") == "x"


def test_the_longest_known_phrase_is_taken_first():
    book = learn([("u s pump", "unserviceable pump"), ("u", "you"), ("s", "south")])
    assert book.predict("u s pump u") == "unserviceable pump you"


def test_words_that_were_never_seen_are_masked_or_folded():
    assert learn([]).predict("PH639 Pump 12 #4 3.5 1/2/2020 ポンプ") == "<id> pump <num> <num> <num> <date> ポンプ"


def test_alignment_keeps_what_stands_between_agreeing_words_together():
    assert list(aligned("fix c/o hose", "fix change out hose")) == [
        (("fix",), ("fix",)),
        (("c/o",), ("change", "out")),
        (("hose",), ("hose",)),
    ]


def test_every_line_of_one_to_one_words_is_reproduced():
    book = learn(PAIRS[:3])
    assert [book.predict(prompt) for prompt, _ in PAIRS[:3]] == [completion for _, completion in PAIRS[:3]]
