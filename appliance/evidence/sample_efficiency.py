"""The section of the report on whether more training data would pay."""

from appliance.evidence.dossier import SAMPLES, Dossier
from appliance.evidence.plots import Band, fit_plot
from appliance.evidence.sections import judged, table
from appliance.evidence.words import Words


def samples_section(dossier: Dossier, words: Words) -> str:
    """The score of each part of the examples, the fitted curve, and what twice as many are predicted to bring."""
    head = f"<h2>{words['samples']}</h2>"
    points = dossier.get(SAMPLES, "points")
    if not points:
        return f"{head}<p>{words['samples_off']}</p>"
    rows = [
        (
            dossier.number(SAMPLES, "points", place, "examples", form="{:,}"),
            dossier.score(SAMPLES, "points", place, "score"),
        )
        for place in range(len(points))
    ]
    gain = dossier.score(SAMPLES, "gain_of_twice", form="{:+.3f}")
    says = words["samples_pays" if dossier.get(SAMPLES, "pays") else "samples_not_shown"].format(gain=gain)
    fitted = {
        key: dossier.number(SAMPLES, "fit", key, form=form)
        for key, form in (("level", "{:.3f}"), ("scale", "{:.3f}"), ("power", "{:.2f}"), ("examples", "{:,}"))
    }
    formula = words["samples_fit"].format(**fitted)
    measured = table((words["samples_examples"], words[judged(dossier).primary]), rows)
    return (
        f"{head}<p><strong>{says}</strong></p>{_plot(dossier, words)}{measured}"
        f'<p class="small">{formula} {words["samples_note"]}</p>'
    )


def _plot(dossier: Dossier, words: Words) -> str:
    measured = [(point["examples"], point["score"]) for point in dossier.get(SAMPLES, "points")]
    points = [Band(n, 1 - score["value"], 1 - score["high"], 1 - score["low"]) for n, score in measured]
    curve = [
        Band(each["examples"], each["error"], min(each["low"], each["error"]), max(each["high"], each["error"]))
        for each in dossier.get(SAMPLES, "curve")
    ]
    return fit_plot(points, curve, words["samples_examples"], words["samples_plot"])
