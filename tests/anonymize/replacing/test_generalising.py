import pytest

from anonymize.replacing.generalising import generalised


@pytest.mark.parametrize(
    ("kind", "value", "month", "year"),
    [
        ("BIRTH_DATE", "令和6年5月1日", "令和6年5月", "令和6年"),
        ("BIRTH_DATE", "昭和６０年４月１日", "昭和60年4月", "昭和60年"),
        ("DATE_TIME", "2024-05-01 10:30", "2024-05", "2024"),
        ("DATE_TIME", "3 May 2024", "May 2024", "2024"),
        ("DATE_TIME", "5月1日", None, None),
        ("DATE_TIME", "2023-02-30", None, None),
        ("AGE", "67歳", "60代", "60代"),
        ("AGE", "aged 67", "60-69", "60-69"),
        ("AGE", "101", "90+", "90+"),
        ("AGE", "sixty", None, None),
        ("ADDRESS", "〒464-0850 愛知県名古屋市千種区今池1-2-3", "愛知県", "愛知県"),
        ("LOCATION", "名古屋市", "愛知県", "愛知県"),
        ("ADDRESS", "1 Main St, Springfield, IL 62701", "IL", "IL"),
        ("ADDRESS", "12 Baker Street, London", None, None),
        ("POSTAL_CODE", "〒464-0850", "464", "464"),
        ("POSTAL_CODE", "90210-1234", "902", "902"),
        ("PERSON", "佐藤", None, None),
    ],
)
def test_a_value_says_less(kind: str, value: str, month: str | None, year: str | None) -> None:
    assert generalised(kind, value, "month") == month
    assert generalised(kind, value, "year") == year
