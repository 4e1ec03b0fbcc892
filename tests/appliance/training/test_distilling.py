import json
from dataclasses import replace

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn import functional

from appliance.base_model.likelihood import labelled_logits, labelled_nll
from appliance.base_model.loading import load_float
from appliance.core.errors import IntegrityError
from appliance.training.distilling import Distillation, divergence, with_others
from appliance.training.teaching import LESSONS, TOLD, Question, ask, read_lessons, row_digest

VOCABULARY = 24


def _logits(seed: int, places: int = 5) -> torch.Tensor:
    return 4 * torch.randn(places, VOCABULARY, generator=torch.Generator().manual_seed(seed))


def _whole(teacher: torch.Tensor, student: torch.Tensor, temperature: float) -> float:
    """The divergence over the whole vocabulary."""
    heard, said = (torch.log_softmax(each / temperature, 1) for each in (teacher, student))
    return float(functional.kl_div(said, heard, reduction="sum", log_target=True))


def _best(teacher: torch.Tensor, k: int, temperature: float):
    best = torch.log_softmax(teacher / temperature, 1).topk(k, 1)
    return best.indices, best.values


@given(seed=st.integers(0, 10**6), k=st.integers(1, VOCABULARY - 1), temperature=st.sampled_from([0.5, 1.0, 2.0]))
def test_the_divergence_is_none_from_itself_and_never_more_than_over_all_tokens(seed, k, temperature):
    teacher, student = _logits(seed), _logits(seed + 1)
    best = _best(teacher, k, temperature)
    assert float(divergence(teacher, *best, temperature)) == pytest.approx(0, abs=1e-4)
    whole = _whole(teacher, student, temperature)
    assert 0 <= float(divergence(student, *best, temperature)) <= whole + 1e-3
    exact = divergence(student, *_best(teacher, VOCABULARY - 1, temperature), temperature)
    assert float(exact) == pytest.approx(whole, rel=1e-4)


def test_a_teacher_that_is_sure_leaves_no_infinite_gradient():
    teacher = torch.full((1, VOCABULARY), -200.0)
    teacher[0, 3] = 200.0  # all others together have a likelihood of 0
    student = _logits(1, 1).requires_grad_()
    divergence(student, *_best(teacher, 4, 1.0), 1.0).backward()
    assert bool(torch.isfinite(student.grad).all())
    assert int(student.grad.argmin()) == 3  # the one that is to be likelier


@given(seed=st.integers(0, 10**6))
def test_likelihoods_of_16_bits_still_add_up_to_one(seed):
    whole = with_others(_best(_logits(seed), 12, 1.0)[1].half().float())
    assert whole.sum(1).tolist() == pytest.approx([1.0] * 5)
    assert float(whole.min()) >= 0


@pytest.fixture
def teacher(tiny_folder):
    return load_float(tiny_folder)


def _question(rows, **changes) -> Question:
    return replace(Question(tuple(rows), 8, 1.0, "teacher"), **changes)


def test_what_the_teacher_says_is_kept_and_is_what_it_says(teacher, uneven_rows, tmp_path):
    question, done = _question(uneven_rows), []
    ask(teacher, question, tmp_path, 3, lambda *each: done.append(each))
    assert done == [(3, 8), (6, 8), (8, 8)]
    lessons = read_lessons(tmp_path, question)
    part = [uneven_rows[place] for place in (5, 0, 2)]
    ids, likelihoods = lessons.of(part)
    with torch.no_grad():
        exact = torch.log_softmax(labelled_logits(teacher, part)[0], 1)
    assert torch.allclose(exact.gather(1, ids), likelihoods.float(), atol=5e-3)
    assert (ids[:, 0] == exact.argmax(1)).all()
    assert lessons.bytes == sum(len(row.tokens) - row.labels_from for row in uneven_rows) * 8 * 6


@pytest.mark.parametrize("changes", [{"k": 9}, {"temperature": 2.0}, {"teacher": "another"}, {"rows": ()}])
def test_answers_to_another_question_are_not_taken_for_these(teacher, uneven_rows, tmp_path, changes):
    question = _question(uneven_rows)
    ask(teacher, question, tmp_path, 8, lambda *each: None)
    assert read_lessons(tmp_path, question) is not None
    assert read_lessons(tmp_path, replace(question, **changes)) is None
    longer = replace(uneven_rows[0], labels_from=uneven_rows[0].labels_from - 1)
    assert read_lessons(tmp_path, _question((longer, *uneven_rows[1:]))) is None


def test_answers_that_were_cut_short_or_changed_are_none(teacher, uneven_rows, tmp_path):
    question = _question(uneven_rows)
    assert read_lessons(tmp_path, question) is None
    ask(teacher, question, tmp_path, 8, lambda *each: None)
    whole, told = (tmp_path / LESSONS).read_bytes(), (tmp_path / TOLD).read_text(encoding="utf-8")
    (tmp_path / LESSONS).write_bytes(whole[:-1])
    assert read_lessons(tmp_path, question) is None
    (tmp_path / LESSONS).write_bytes(whole)
    (tmp_path / TOLD).write_text(told[:-5], encoding="utf-8")
    assert read_lessons(tmp_path, question) is None
    (tmp_path / TOLD).write_text(told, encoding="utf-8")
    assert read_lessons(tmp_path, question) is not None


def test_a_row_that_the_teacher_was_not_asked_about_is_refused(teacher, uneven_rows, tmp_path):
    question = _question(uneven_rows[:4])
    ask(teacher, question, tmp_path, 8, lambda *each: None)
    assert [row["sha256"] for row in json.loads((tmp_path / TOLD).read_text())["rows"]] == [
        row_digest(row) for row in uneven_rows[:4]
    ]
    with pytest.raises(IntegrityError, match="was not asked about"):
        read_lessons(tmp_path, question).of(uneven_rows[3:5])


def test_the_loss_mixes_the_teacher_and_the_labels(teacher, make_tiny, uneven_rows, tmp_path):
    question = _question(uneven_rows, temperature=2.0)
    ask(teacher, question, tmp_path, 8, lambda *each: None)
    lessons = read_lessons(tmp_path, question)
    student = load_float(make_tiny(tmp_path / "other", tied=False))
    with torch.no_grad():
        alone, both, labels = (Distillation(lessons, share)(student, uneven_rows) for share in (1.0, 0.25, 0.0))
        nll, count = labelled_nll(student, uneven_rows)
    assert float(labels[0]) == pytest.approx(float(nll), rel=1e-6)
    assert float(both[0]) == pytest.approx(0.25 * float(alone[0]) + 0.75 * float(nll), rel=1e-5)
    away = Distillation(lessons, 0.5).divergence(student, uneven_rows, 3)
    assert float(alone[0]) == pytest.approx(4 * away * count, rel=1e-4)
    assert Distillation(lessons, 0.5).divergence(teacher, uneven_rows, 3) < 1e-3 < away
