"""A chat template is rendered under limits before any library renders it."""

import pytest

from appliance.base_model.template import rendered_lengths
from appliance.core.errors import InputError

CHAT = "{% for message in messages %}<|{{ message['role'] }}|>{{ message['content'] }}{% endfor %}"


def test_an_ordinary_template_is_rendered() -> None:
    assert rendered_lengths(CHAT) == [47, 4008, 43]


@pytest.mark.slow
@pytest.mark.parametrize(
    "template",
    [
        "{{ 'a' * 10**9 }}",
        "{% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}{% endfor %}",
        "{% for i in range(9999) %}0123456789{% endfor %}",
        "{{ ''.__class__.__mro__[1].__subclasses__() }}",
        "{% if %}",
    ],
)
def test_a_template_that_runs_away_or_reaches_for_python_is_refused(template: str) -> None:
    with pytest.raises(InputError, match="the chat template"):
        rendered_lengths(template)


def test_a_template_that_refuses_an_order_of_turns_counts_it_as_nothing() -> None:
    strict = "{% if messages[0]['role'] != 'system' %}{{ raise_exception('no') }}{% endif %}" + CHAT
    assert rendered_lengths(strict)[1:] == [0, 0]
