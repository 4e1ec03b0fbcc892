"""The words of the sections on what changed and on sample efficiency, English and Japanese side by side."""

EN = {
    "changed": "What changed?",
    "changed_counts": "Of {held_out} held-out lines the two models answer {differing} differently. Right only after the adaptation: "
    "{gained}; only before it: {lost}; before and after: {right_before_and_after}; wrong before and after: {wrong_before_and_after}.",
    "changed_distances": "Distance of the answers that differ (character edits over the length of the longer one; smallest, "
    "quartiles, largest): {distances}.",
    "changed_most": "The answers that differ most, and the training lines nearest to them",
    "changed_none": "None is shown (explain.examples = 0, or all answers are the same).",
    "changed_input": "Input",
    "changed_expected": "Expected",
    "changed_base": "Base, un-adapted",
    "changed_adapted": "Adapted",
    "changed_distance": "Distance",
    "changed_nearest": "Nearest training lines, as the factory's search ranks them (by meaning with MiniLM, and by letters); in "
    "brackets the likeness by meaning alone, 1 is the same. MiniLM knows English; Japanese it compares only roughly.",
    "changed_layers": "Which layers the adapter moved most: norm of the change over norm of the weights (Frobenius), by layer",
    "changed_ratio": "change over weights",
    "changed_layer": "layer",
    "changed_whole": "All adapted weights together: {whole}. A large change of weights need not be a large change of answers.",
    "changed_module": "The most changed matrices",
    "changed_update": "norm of the change",
    "changed_weights": "norm of the weights",
    "spread": "How the training data are spread",
    "spread_examples": "examples that were trained on (the canaries apart)",
    "spread_lengths": "Examples by the number of characters of their prompt",
    "spread_replaced": "replaced values of kind",
    "spread_near": "Near-duplicates among them (word pairs or character runs shared to {similarity} or more): {examples} examples, "
    "the largest group has {largest}.",
    "spread_likeness": "Likeness of an example to the one nearest to it (smallest, quartiles, largest): {likeness}. Below {fence} "
    "an example counts as an outlier (Tukey): {outliers}.",
    "spread_outliers": "The farthest outliers: lines of another kind, mistakes of the source, or the one example of something rare",
    "spread_nearest": "Likeness to the nearest",
    "samples": "Would more data pay?",
    "samples_off": "Not measured: the training was not repeated on parts of the data (samples.shares).",
    "samples_pays": "Yes, as far as the curve tells: with twice the examples of the same kind the primary score is predicted to change by "
    "{gain}, and the interval does not hold zero.",
    "samples_not_shown": "Not shown: with twice the examples of the same kind the primary score is predicted to change by {gain}, and the "
    "interval holds zero.",
    "samples_plot": "What held-out lines lack of the best score, by number of training examples: measured with 95 % intervals, and the fit "
    "up to twice the examples",
    "samples_examples": "training examples",
    "samples_fit": "Fit: error(n) = {level} − {scale} × (1 − (n / {examples})^−b) / b with b = {power}; of b = 0 the fraction is log(n / "
    "{examples}).",
    "samples_note": "Each point is one training on a random subset inside of the next. The interval is a bootstrap over the held-out "
    "lines, with noise as large as the points' scatter; it knows nothing of data of another kind, nor of a curve that turns.",
}

JA = {
    "changed": "何が変わったか",
    "changed_counts": "保留した {held_out} 行のうち、二つのモデルの回答が異なるのは {differing} 行。適応後だけ正解 {gained}、適応前だけ正解 "
    "{lost}、前後とも正解 {right_before_and_after}、前後とも不正解 {wrong_before_and_after}。",
    "changed_distances": "異なる回答の距離（文字編集距離 ÷ 長い方の長さ。最小・四分位・最大）：{distances}。",
    "changed_most": "最も大きく異なる回答と、それに最も近い学習例",
    "changed_none": "表示なし（explain.examples = 0、またはすべての回答が同じ）。",
    "changed_input": "入力",
    "changed_expected": "正解",
    "changed_base": "基盤モデル（適応前）",
    "changed_adapted": "適応モデル",
    "changed_distance": "距離",
    "changed_nearest": "最も近い学習例。順位は工場の検索と同じ（MiniLM による意味と、文字の一致）。括弧内は意味だけの類似度で、1 は同一。"
    "MiniLM は英語向けで、日本語の比較は粗いものです。",
    "changed_layers": "アダプターが最も動かした層：層ごとの変化のノルム ÷ 重みのノルム（フロベニウス）",
    "changed_ratio": "変化 ÷ 重み",
    "changed_layer": "層",
    "changed_whole": "適応した重み全体では {whole}。重みの変化が大きくても、回答の変化が大きいとは限りません。",
    "changed_module": "最も変化した行列",
    "changed_update": "変化のノルム",
    "changed_weights": "重みのノルム",
    "spread": "学習データの分布",
    "spread_examples": "学習した例（カナリアを除く）",
    "spread_lengths": "入力の文字数ごとの例の数",
    "spread_replaced": "置換された値の種別",
    "spread_near": "残っている類似例（単語の対または文字列の共有が {similarity} 以上）：{examples} 例、最大の組は {largest} 例。",
    "spread_likeness": "最も近い例との類似度（最小・四分位・最大）：{likeness}。{fence} 未満を外れ値とする（テューキー）：{outliers} 例。",
    "spread_outliers": "最も離れた外れ値：種類の異なる行、元データの誤り、または珍しい事柄の唯一の例",
    "spread_nearest": "最も近い例との類似度",
    "samples": "データを増やす価値はあるか",
    "samples_off": "未測定：データの一部での学習の繰返しはしていません（samples.shares）。",
    "samples_pays": "曲線から見る限り、あります。同種の例を二倍にすると主指標は {gain} 変わると予測され、区間は 0 を含みません。",
    "samples_not_shown": "示されていません。同種の例を二倍にしたときの主指標の変化の予測は {gain} で、区間は 0 を含みます。",
    "samples_plot": "学習例の数ごとの、保留した行の失点（1 − 主指標）：測定値と 95 % 区間、および二倍の例までの当てはめ",
    "samples_examples": "学習例の数",
    "samples_fit": "当てはめ：誤り(n) ＝ {level} − {scale} ×（1 −（n ÷ {examples}）^−b）÷ b、b ＝ {power}。b ＝ 0 では分数を log(n ÷ {examples}) とする。",
    "samples_note": "各点は、大きい部分集合に含まれる無作為な部分集合での一回の学習。区間は保留した行のブートストラップに、点の"
    "ばらつきと同じ大きさの雑音を加えたもので、種類の異なるデータや、曲線の先での変化は考慮していません。",
}
