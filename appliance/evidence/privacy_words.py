"""The words of the report about differentially private training, English and Japanese."""

EN: dict[str, str] = {
    "privacy": "Differential privacy",
    "privacy_none": "The model was not trained with differential privacy ([train.privacy]): nothing is guaranteed of a single "
    "example, and what the attacks above found is all that is known.",
    "privacy_told": "Guaranteed, not measured: whether one of the {examples} examples was learnt from changes the chance of any "
    "model that can come out by a factor of e^{epsilon} at most, but for a chance of {delta}. It holds for the model; "
    "not for the figures of this report, which are measured on the examples, nor for several trainings together. The most "
    "frequent example stands {copies} times, and is protected as many times less.",
    "privacy_epsilon": "epsilon, at most",
    "privacy_delta": "delta",
    "privacy_noise_multiplier": "noise: standard deviation over the clip norm",
    "privacy_clip_norm": "clip norm of one example's gradient",
    "privacy_sample_rate": "chance of an example to be drawn in a step",
    "privacy_steps": "steps",
    "privacy_examples": "examples",
    "privacy_copies": "copies of the most frequent example",
    "privacy_accountant": "counted by",
}

JA: dict[str, str] = {
    "privacy": "差分プライバシー",
    "privacy_none": "差分プライバシーを用いた学習ではありません（[train.privacy]）。個々の例についての保証はなく、"
    "分かっているのは上記の攻撃の結果だけです。",
    "privacy_told": "測定値ではなく保証です。{examples} 件のうち 1 件を学習に使ったか否かで、あるモデルが得られる確率の比は "
    "e^{epsilon} 倍以内に収まります（確率 {delta} の例外を除く）。保証の対象はモデルです。例そのもので測ったこのレポートの数値や、"
    "複数回の学習を合わせた場合には及びません。最も多い例は {copies} 回現れ、保護はその分弱まります。",
    "privacy_epsilon": "イプシロン（上限）",
    "privacy_delta": "デルタ",
    "privacy_noise_multiplier": "雑音：標準偏差とクリップ値の比",
    "privacy_clip_norm": "1 例の勾配のクリップ値",
    "privacy_sample_rate": "各ステップで例が選ばれる確率",
    "privacy_steps": "ステップ数",
    "privacy_examples": "例の数",
    "privacy_copies": "最も多い例の出現回数",
    "privacy_accountant": "計算に用いたもの",
}
