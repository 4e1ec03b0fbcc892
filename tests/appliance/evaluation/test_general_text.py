from appliance.evaluation.general_text import MOST_TOKENS, TEXTS, WINDOW, windows


def letters(text: str) -> list[int]:
    return [ord(letter) for letter in text]


def test_the_own_text_is_english_and_japanese_without_a_line_break_inside_of_a_word():
    english, japanese = TEXTS
    assert english.startswith("The river rises in the hills above the old mill town and runs for about forty miles")
    assert "近所の人たちがその日の夕飯" in japanese
    assert all("\n" not in paragraph for text in TEXTS for paragraph in text.split("\n\n"))


def test_windows_hold_every_token_once_and_in_order():
    found = windows(TEXTS, letters)
    assert max(map(len, found)) == WINDOW
    assert [token for piece in found for token in piece] == letters("".join(TEXTS))


def test_a_long_text_is_cut_and_a_single_token_predicts_nothing():
    assert sum(map(len, windows(["あ" * 20_000], letters))) == MOST_TOKENS
    assert windows(["a" * (WINDOW + 1), "b", ""], letters) == [[97] * WINDOW]
