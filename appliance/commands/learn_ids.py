"""`appliance learn-ids`: the company's own identifiers, learnt from a few examples."""

import json
from pathlib import Path

import click

from anonymize.errors import AnonymizeError
from anonymize.kinds import KNOWN_KINDS
from anonymize.recognizers.id_forms import IdForm, from_json, learn, overlap, to_json
from appliance.commands.options import json_option
from appliance.core.errors import InputError, SettingsError
from appliance.core.hashing import write_whole
from appliance.core.language import message, say
from appliance.core.telling import tell, tell_json


@click.command("learn-ids")
@click.argument("examples", nargs=-1, required=True)
@click.option("--kind", default="PERSONAL_ID", show_default=True, help="Or a name of your own: CASE_NUMBER.")
@click.option("--label", "labels", multiple=True, help="A word that stands before it; may be given several times.")
@click.option("--not", "counter_examples", multiple=True, help="What looks alike and is none.")
@click.option(
    "--technical", type=click.Path(path_type=Path, dir_okay=False, exists=True), help="Your tag numbers, one a line."
)
@click.option(
    "--out", type=click.Path(path_type=Path, dir_okay=False), help="Add the form to this file, for detect.id_forms."
)
@json_option
def command(  # noqa: PLR0913 options of a command line
    examples: tuple[str, ...],
    *,
    kind: str,
    labels: tuple[str, ...],
    counter_examples: tuple[str, ...],
    technical: Path | None,
    out: Path | None,
    as_json: bool,
) -> None:
    """Learn the form of an identifier from three EXAMPLES or more, such as 12345/02 9876/99 40001/10.

    The examples themselves are not kept, only their form. Show it your tag numbers too (--technical): a form that
    matches them would take them out of the text.
    """
    try:
        form = learn(examples, counter_examples, kind, labels)
    except AnonymizeError as error:
        raise SettingsError(error.message, hint=error.hint or "give examples of one form, three or more") from error
    try:
        tokens = technical.read_text(encoding="utf-8").split() if technical else []
    except UnicodeDecodeError as error:
        raise SettingsError(f"{technical}: is not UTF-8", hint="save the list as UTF-8") from error
    shared = overlap(form, tokens) if tokens else None
    if out:
        _add(out, form)
    if as_json:
        tell_json(to_json(form))
    else:
        shapes = say("(looks like {shapes})", shapes=", ".join(form.shapes))
        tell(f"{form.kind}: {form.description}   {shapes}")
    if shared and shared.matched:
        told = message("warning: it matches {hits} of {count} technical tokens")
        tell(say(told, hits=shared.matched, count=shared.tokens), err=True)
    if out:
        own = "" if kind in KNOWN_KINDS else f', own_kinds = ["{kind}"]'
        line = f'[detect] id_forms = "{out}"{own}'
        tell(say("in the settings: {line}", line=line), err=True)


def _add(file: Path, form: IdForm) -> None:
    """Add a form; one of the same kind and pattern is there once."""
    forms = []
    if file.exists():
        try:
            forms = [from_json(plain) for plain in json.loads(file.read_text(encoding="utf-8"))]
        except (OSError, ValueError, TypeError, KeyError, AnonymizeError) as error:
            raise InputError(f"{file}: is no list of identifier forms", hint="give another file") from error
    kept = [other for other in forms if (other.kind, other.pattern) != (form.kind, form.pattern)]
    content = json.dumps([to_json(each) for each in (*kept, form)], ensure_ascii=False, indent=1)
    write_whole(file, f"{content}\n".encode())
