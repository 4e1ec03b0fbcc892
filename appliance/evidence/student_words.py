"""The words of the report about a student, English and Japanese."""

EN: dict[str, str] = {
    "student": "The student",
    "student_told": "A smaller model with {kept} of the {layers} layers ({student} of {teacher} weights) was taught by the "
    "adapted model, from its {top_k} most likely tokens at each place of {examples} clean training examples, and from their "
    "labels, in {steps} steps. Its variants are held against the same limits as all others, above.",
    "student_ships": "A variant of the student keeps all limits and is the smallest that does: it is what ships.",
    "student_stays": "No variant of the student ships: what it loses stands in the table above.",
    "student_before": "student before it was taught",
    "student_after": "student after",
    "student_teacher": "adapted model, its teacher",
    "student_divergence": "divergence from the teacher, nats a token",
    "student_safe": "Attacks on the student",
}

JA: dict[str, str] = {
    "student": "生徒モデル",
    "student_told": "適応済みモデルを教師として、{layers} 層のうち {kept} 層を残した小さなモデル（重み {teacher} 個のうち {student} 個）を"
    "学習させました。クリーンな学習例 {examples} 件の各位置で教師が最も確からしいとした {top_k} トークンの確率と正解を用い、"
    "{steps} ステップで学習しています。その出力形式は、上の表で他の形式と同じ限度により判定されます。",
    "student_ships": "生徒モデルの形式が全ての限度を守り、その中で最小です。出荷されるのはこの形式です。",
    "student_stays": "生徒モデルは出荷されません。失われたものは上の表に示しています。",
    "student_before": "学習前の生徒モデル",
    "student_after": "学習後の生徒モデル",
    "student_teacher": "適応済みモデル（教師）",
    "student_divergence": "教師からの隔たり（ナット／トークン）",
    "student_safe": "生徒モデルへの攻撃",
}
