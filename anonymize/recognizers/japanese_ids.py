"""Numbers that a company or an office gave a person, beside their label, and number plates.

Covers: employee, patient, customer, member, contract, case and reception numbers; plates with the office's place name,
written out (品川 300 あ 12-34) and glued (品川300あ1234).
Does not cover: such a number without its label (learn a form for these); plates without a place name.
"""

import re
from collections.abc import Iterator

from anonymize.recognizers.guesses import Guess
from anonymize.recognizers.japanese_labels import Form, compiled, digits_of

_NUMBER = r"(?:の?(?:番号|ID|コード|No\.?|NO\.?|ナンバー))"
# the label may end in Latin letters that touch the value: 社員IDK-32838
_VALUE = re.compile(
    r"(?:(?<![0-9A-Za-z_-])(?<![0-9A-Za-z]/)(?<![0-9]\.)(?!ID[A-Z0-9-])|(?<=[^A-Za-z]ID))[A-Za-z0-9]{1,20}(?:[-_/][A-Za-z0-9]{1,12}){0,5}"
    r"(?![0-9A-Za-z_])"
)
_MIN_DIGITS = 3


def _is_identifier(value: str) -> bool:
    return len(digits_of(value)) >= _MIN_DIGITS or (len(digits_of(value)) == 2 and "-" in value)


_FORMS = (
    Form(
        "EMPLOYEE_ID",
        "jp-employee-id",
        _VALUE,
        compiled(
            rf"社番|職番|社員証|(?:社員|従業員|職員|作業員|作業者|オペレータ[ー]?|担当者|派遣(?:社員|者)?|スタッフ){_NUMBER}|"
            r"employee (?:id|no\.?|number)"
        ),
        _is_identifier,
    ),
    Form(
        "PERSONAL_ID",
        "jp-personal-id",
        _VALUE,
        compiled(
            rf"(?:患者|顧客|お客様|会員|契約者?|受付|案件|カルテ|診察券|利用者|ユーザー?|加入者|申請|申込|学籍|学生|受験|被験者|"
            rf"相談者?|照会|問い?合わ?せ|予約|証券|組合員|登録者|個人|受給者|資格者証|技能講習(?:修了証)?|修了証|口座名義人?|"
            rf"ログイン|アカウント|会員証|入館証|入構証|住民票){_NUMBER}|診察券|会員証"
        ),
        _is_identifier,
    ),
)
# the land transport offices' place names (自動車登録規則 別表, and the local ご当地 plates)
_PLACES = """
    札幌 函館 旭川 室蘭 苫小牧 釧路 知床 帯広 北見 青森 弘前 八戸 岩手 盛岡 平泉 宮城 仙台 秋田
    山形 庄内 福島 会津 郡山 白河 いわき 水戸 土浦 つくば 宇都宮 那須 とちぎ 群馬 前橋 高崎 大宮
    川口 所沢 川越 熊谷 春日部 越谷 千葉 成田 習志野 市川 船橋 袖ヶ浦 市原 野田 柏 松戸 品川
    世田谷 練馬 杉並 板橋 足立 江東 葛飾 八王子 多摩 横浜 川崎 湘南 相模 山梨 富士山 新潟 長岡
    上越 富山 石川 金沢 福井 長野 松本 諏訪 南信州 安曇野 岐阜 飛騨 静岡 浜松 沼津 伊豆 名古屋
    豊橋 三河 岡崎 豊田 尾張小牧 一宮 春日井 三重 鈴鹿 四日市 伊勢志摩 滋賀 京都 なにわ 大阪 和泉
    堺 神戸 姫路 奈良 飛鳥 和歌山 鳥取 島根 出雲 岡山 倉敷 広島 福山 下関 山口 徳島 香川 高松
    愛媛 高知 福岡 北九州 久留米 筑豊 佐賀 長崎 佐世保 熊本 大分 宮崎 鹿児島 奄美 沖縄
""".split()  # noqa: SIM905 - one word a line would fill three screens
_PLATE = re.compile(
    rf"(?:{'|'.join(sorted(_PLACES, key=len, reverse=True))}) ?(?:[0-9][0-9A-Z]{{0,2}}) ?[ぁ-んA-Z] ?"
    r"(?:[0-9]{2}-?[0-9]{2}|[・.]{1,3}-?[0-9]{1,3})(?![0-9A-Za-z]|-[0-9])"
)


def labelled_ids(text: str) -> Iterator[Guess]:
    """Yield the labelled numbers of persons, and number plates, in a folded text."""
    for form in _FORMS:
        yield from form.find(text)
    for match in _PLATE.finditer(text):
        yield Guess(*match.span(), "VEHICLE_PLATE", 0.9, "jp-plate")
