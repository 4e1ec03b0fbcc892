"""The cell of an identifier column may hold several values."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anonymize.detection.cells import values_in


@pytest.mark.parametrize(
    ("kind", "cell", "values"),
    [
        ("PERSON", "佐々木 未来; Orla Quimby", ["佐々木 未来", "Orla Quimby"]),
        ("PERSON", "佐藤、鈴木", ["佐藤", "鈴木"]),
        ("PERSON", "Smith, John", ["Smith, John"]),
        ("PERSON", "Orla Quimby, Zed Marlowe, Ann Lee", ["Orla Quimby", "Zed Marlowe", "Ann Lee"]),
        ("PERSON", " 山田 太郎 ", ["山田 太郎"]),
        ("EMPLOYEE_ID", "QX77K / QX88K", ["QX77K", "QX88K"]),
        ("EMPLOYEE_ID", "QX77K\nQX88K", ["QX77K", "QX88K"]),
        ("PHONE_NUMBER", "03-1234-5678、090-1234-5678", ["03-1234-5678", "090-1234-5678"]),
        ("PHONE_NUMBER", "03-1234/5678", ["03-1234/5678"]),
        ("ADDRESS", "12 Main St, Springfield", ["12 Main St, Springfield"]),
        ("PERSON", " ; ", []),
    ],
)
def test_each_value_of_a_cell_is_one(kind: str, cell: str, values: list[str]) -> None:
    assert [cell[start:end] for start, end in values_in(kind, cell)] == values


@given(st.text(alphabet="佐A1 ;,/、\n'-", max_size=30))
def test_values_are_in_order_disjoint_and_not_blank(cell: str) -> None:
    spans = list(values_in("PERSON", cell))
    assert all(cell[start:end].strip() == cell[start:end] != "" for start, end in spans)
    assert all(first[1] <= second[0] for first, second in itertools.pairwise(spans))
