"""What the report says of a private training: the guarantee, whom it is for, and what it rests on."""

import html
from typing import Any

from appliance.evidence.dossier import PRIVACY, Dossier
from appliance.evidence.sections import table
from appliance.evidence.words import Words

NUMBERS = (  # and how each is written
    ("epsilon", "{:.3g}"),
    ("delta", "{:.2g}"),
    ("noise_multiplier", "{:.4g}"),
    ("clip_norm", "{:.3g}"),
    ("sample_rate", "{:.4g}"),
    ("steps", "{:,}"),
    ("examples", "{:,}"),
    ("copies", "{:,}"),
)


def privacy_section(dossier: Dossier, words: Words) -> str:
    """The guarantee of a private training; one sentence where there is none."""
    if PRIVACY not in dossier.files:
        return f"<h3>{words['privacy']}</h3><p>{words['privacy_none']}</p>"
    rows = [(words["privacy_" + name], dossier.number(PRIVACY, name, form=form)) for name, form in NUMBERS]
    rows.append((words["privacy_accountant"], html.escape(dossier.get(PRIVACY, "accountant"))))
    told = words["privacy_told"].format(**{name: dossier.number(PRIVACY, name, form=form) for name, form in NUMBERS})
    return f"<h3>{words['privacy']}</h3><p>{told}</p>{table((), rows)}"


def privacy_line(dossier: Dossier) -> str:
    """Return the line of a card."""
    told: dict[str, Any] | None = dossier.files.get(PRIVACY)
    if told is None:
        return "- Differential privacy: none"
    return (
        f"- Differential privacy: epsilon {told['epsilon']:.3g}, delta {told['delta']:.2g} for {told['unit']} of "
        f"{told['examples']}, the most frequent of which stands {told['copies']} times (DP-SGD, noise "
        f"{told['noise_multiplier']:.4g}, sampling rate {told['sample_rate']:.4g}, {told['steps']} steps)"
    )


def accountant_version(dossier: Dossier) -> dict[str, str]:
    """Return the distribution that counted the budget and its version; none where the training was not private."""
    if PRIVACY not in dossier.files:
        return {}
    name, release = dossier.get(PRIVACY, "accountant").partition(",")[0].split()
    return {name: release}
