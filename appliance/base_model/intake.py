"""Receive a base model: look at it, digest it, convert it to one canonical folder, and say what was found.

Every question is a check (`checks.py`); the report holds all of them, and the model is refused where one failed that
nobody has waived. What may run code is never opened: then the report ends with the risks.
All later steps read only the canonical folder.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from license_expression import Licensing, get_spdx_licensing

from appliance.base_model import card, licence, measuring, provenance, risk, template
from appliance.base_model.checks import Check, Waiver, failed, judge, passed, refusal, told
from appliance.base_model.converting import convert
from appliance.base_model.locating import PACKAGE
from appliance.base_model.makers_signature import Trust
from appliance.base_model.received import Received, digested, grid, place_of, template_text, text_of
from appliance.core.errors import InputError
from appliance.core.hashing import file_digest
from appliance.core.sections import IntakeSettings
from appliance.release.statement import SIGNATURE_FILE

_OWN_IDENTIFIER = re.compile(r"LicenseRef-[A-Za-z0-9.-]+")  # SPDX 2.3, annex D: a licence of its own
RECIPE_FILES = {
    "recipe": ("training_args.json", "recipe.yaml", "recipe.toml", "recipe.json"),
    "lock": ("uv.lock", "poetry.lock", "requirements.txt", "environment.yml"),
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """The report, and message and hint where the model is refused."""

    report: dict[str, Any]
    refused: tuple[str, str] | None


def receive(
    settings: IntakeSettings,
    folder: Path,
    progress: Callable[[str], None],
    probe_export: Callable[[Path], Check] | None = None,
) -> Outcome:
    """Check, digest and convert a base model into `folder`; the report depends on the content alone.

    Args:
        settings: what is received, what is accepted, and who waives what.
        folder: an empty folder for the canonical model; it stays empty where the files may not be opened.
        progress: called with a word for what is done next.
        probe_export: tells whether the canonical model can be exported; None leaves the question out.

    Raises:
        InputError: nothing is there, or a file that the operator names cannot be read.
        SettingsError: a waiver names no failed check.
    """
    with place_of(settings) as place:
        progress("inspecting")
        files, refused = risk.look(place, from_package=settings.path.startswith(PACKAGE))
        checks = [_risk(refused)]
        progress("digesting")
        received = digested(settings, place, files)
        checks += [_origin(received, settings), *_licences(received, settings)]
        described = _card(received, settings)
        checks.append(provenance.ancestry(described.fields, received.header.metadata if received.header else {}))
        report = _facts(received, settings, described)
        if refused:
            return _judged(report, checks, settings)
        progress("converting")
        checks.append(_template(received, settings))
        opened = _converted(received, settings, folder) if checks[-1].result == "pass" else []
        checks += opened
        if any(check.result == "fail" for check in (*opened, checks[0])) or not (folder / "config.json").exists():
            return _judged(report, checks, settings)
        progress("measuring")
        measures, measured = measuring.measure(folder)
        checks += [*measured, told("portability.grid", str(report["grid"]["note"])), *_reproducible(received)]
        checks += measuring.compare_claims(measuring.read_claims(settings.claims), measures, folder)
        if probe_export is not None and not any(check.result == "fail" for check in measured):
            progress("exporting a layer")
            checks.append(probe_export(folder))
        report |= {"measured": measures, "claims": measuring.header_claims(received.header, folder)}
        report["canonical"] = {file.name: file_digest(file) for file in sorted(folder.iterdir())}
        return _judged(report, checks, settings)


def _judged(report: dict[str, Any], checks: list[Check], settings: IntakeSettings) -> Outcome:
    for name, claim in ((f"claims.{row['claim']}", row) for row in report.get("claims", ())):
        found = f"the file says {claim['claimed']}, measured {claim['measured']}"
        checks.append(passed(name, found) if claim["agree"] else failed(name, found, "ask the maker which is right"))
    waivers = [Waiver(waiver.check, waiver.by, waiver.reason) for waiver in settings.waivers]
    judged = judge(checks, waivers)
    return Outcome({**report, "checks": [asdict(check) for check in judged]}, refusal(judged))


def _risk(refused: list[InputError]) -> Check:
    if not refused:
        return passed("risk.files", "only known kinds of files, by name and by content")
    reasons = "; ".join(error.message for error in refused[:5])
    more = f"; and {len(refused) - 5} more" if len(refused) > 5 else ""
    return failed("risk.files", reasons + more, refused[0].hint)


def _origin(received: Received, settings: IntakeSettings) -> Check:
    signature = next((file.read_bytes() for file in received.files if file.name == SIGNATURE_FILE), None)
    digests = {name: digest for name, digest in received.digests.items() if name != SIGNATURE_FILE}
    listed = provenance.read_list(settings.sha256_list)
    if settings.sha256 and received.weights is not None:
        parts = [file for file in received.files if file.suffix == received.weights.suffix]
        if len(parts) > 1:
            raise InputError(
                f"{received.weights.name}: the weights are in several files, and one sha256 cannot stand for them",
                hint="set sha256_list in [intake] to a list as sha256sum writes it",
            )
        name = received.weights.name
        digests, listed = {name: file_digest(received.weights)}, {name: settings.sha256.lower()}
    trust = Trust(settings.trusted_key, settings.trusted_certificates, datetime.now(UTC))
    return provenance.origin(digests, signature, trust=trust, listed=listed)


@cache
def _spdx() -> Licensing:
    """Return SPDX's list of licences; to read it takes longer than all other questions about a licence."""
    return get_spdx_licensing()


def _licences(received: Received, settings: IntakeSettings) -> Iterator[Check]:
    if not _OWN_IDENTIFIER.fullmatch(settings.licence) and _spdx().validate(settings.licence).errors:
        yield failed("licence.identifier", f"{settings.licence!r} is no SPDX identifier", "correct licence in [intake]")
    else:
        yield _claimed_licence(received, settings)
    yield _licence_text(received, settings)
    yield from _uses(received, settings)


def _uses(received: Received, settings: IntakeSettings) -> Iterator[Check]:
    text = "\n".join(received.legal.values())
    against = licence.against_commerce(text) if settings.use == "commercial" else ""
    if not licence.allows(settings.licence, settings.use):
        yield failed("licence.use", f"{settings.licence} forbids {settings.use} use", "take another model")
    elif against:
        yield failed(
            "licence.use", f"the text that came with it says {against!r}", "take another model, or ask its maker"
        )
    else:
        yield passed("licence.use", f"neither {settings.licence} by its name nor its text forbids {settings.use} use")
    words = licence.restrictions(text)
    if words:
        yield told("licence.restrictions", f"the terms restrict uses ({', '.join(words)}): read them against your use")


def _claimed_licence(received: Received, settings: IntakeSettings) -> Check:
    claimed = _claimed(received)
    if claimed and not licence.is_same(claimed, settings.licence):
        found = f"the maker says {claimed}, [intake] accepts {settings.licence}"
        return failed("licence.identifier", found, "correct licence in [intake]")
    found = f"{settings.licence}, as the maker says" if claimed else settings.licence
    return passed("licence.identifier", found)


def _licence_text(received: Received, settings: IntakeSettings) -> Check:
    texts = {name: text for name, text in received.legal.items() if not name.startswith("NOTICE")}
    if not texts:
        return failed("licence.text", "no licence text came with the model", "put the licence's text beside the model")
    name, text = next(iter(sorted(texts.items())))
    found = licence.identify(text)
    if found.identifier == settings.licence:
        return passed("licence.text", f"{name}: {found.told}")
    return failed("licence.text", f"{name}: {found.told}", f"read it and compare with {settings.licence}")


def _card(received: Received, settings: IntakeSettings) -> card.Card:
    readme = next((text_of(file) for file in received.files if file.name == "README.md"), "")
    metadata = received.header.metadata if received.header else {}
    stated = {"licence": settings.licence, "source": settings.source}
    return card.read_card(readme[: card.README_LIMIT], metadata, card.operators_card(settings.card), stated)


def _facts(received: Received, settings: IntakeSettings, described: card.Card) -> dict[str, Any]:
    claimed = _claimed(received)
    agree = licence.is_same(claimed, settings.licence)
    return {
        "received": dict(received.digests),
        "licence": {"accepted": settings.licence, "claimed": claimed, "agree": agree, "use": settings.use},
        "source": settings.source,
        "grid": grid(received),
        "card": dict(described.fields),
        "missing_card_fields": list(described.missing),
    }


def _claimed(received: Received) -> str:
    return str(received.header.metadata.get("general.license", "")) if received.header else ""


def _template(received: Received, settings: IntakeSettings) -> Check:
    text = template_text(received)
    if not text and settings.plain_template:
        return passed("risk.template", "none came with it; plain turns, one a line, are used")
    if not text:
        hint = "take an instruction-tuned model, or set plain_template in [intake]"
        return failed("risk.template", "no chat template", hint)
    try:
        lengths = template.rendered_lengths(text)
    except InputError as error:
        return failed("risk.template", error.message, error.hint)
    return passed("risk.template", f"renders three conversations to {lengths} characters within its limits")


def _converted(received: Received, settings: IntakeSettings, folder: Path) -> list[Check]:
    if received.weights is None:
        return [
            failed("portability.transformers", "no weights, or several GGUF files", "name one model's folder or file")
        ]
    try:
        convert(received.place, received.weights, received.header, folder, plain_template=settings.plain_template)
    except InputError as error:
        return [failed("portability.transformers", error.message, error.hint)]
    for name, text in received.legal.items():
        (folder / name).write_text(text, encoding="utf-8")
    return []


def _reproducible(received: Received) -> Iterator[Check]:
    names = {file.name for file in received.files}
    present = [kind for kind, known in RECIPE_FILES.items() if names & {*known}]
    missing = [kind for kind in RECIPE_FILES if kind not in present]
    yield told(
        "reproducibility.recipe", f"came with it: {', '.join(present) or '-'}; missing: {', '.join(missing) or '-'}"
    )
