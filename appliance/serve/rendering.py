"""Run a chat template over marks, in a child process: `python -m appliance.serve.rendering SECONDS BYTES`."""

import json
import sys
from datetime import UTC, datetime
from typing import NoReturn

from appliance.core.limited import limit_myself

LONGEST = 100_000  # characters of a frame without anybody's text


def main(arguments: list[str]) -> int:
    """Read {"template", "turns", "specials"} from standard input; print the rendered text as JSON."""
    limit_myself(arguments)
    from jinja2.exceptions import TemplateError  # noqa: PLC0415 only this child needs jinja
    from jinja2.ext import loopcontrols  # noqa: PLC0415
    from jinja2.sandbox import ImmutableSandboxedEnvironment  # noqa: PLC0415

    def raise_exception(message: str) -> NoReturn:
        raise TemplateError(message)

    given = json.loads(sys.stdin.read())
    environment = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True, extensions=[loopcontrols])
    environment.globals["raise_exception"] = raise_exception
    environment.globals["strftime_now"] = lambda form: datetime.now(UTC).strftime(form)
    environment.filters["tojson"] = lambda value, **_: json.dumps(value, ensure_ascii=False)
    template = environment.from_string(given["template"])
    text = template.render(messages=given["turns"], add_generation_prompt=True, tools=None, **given["specials"])
    if len(text) > LONGEST:
        return 1
    print(json.dumps(text))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
