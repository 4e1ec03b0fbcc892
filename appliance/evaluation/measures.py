"""The measure of every kind of task."""

from collections.abc import Mapping

from appliance.core.tasks import TaskKind
from appliance.evaluation.fields import FIELDS
from appliance.evaluation.labels import LABELS
from appliance.evaluation.lines import LINES
from appliance.evaluation.measure import Measure
from appliance.evaluation.texts import TEXTS

MEASURES: Mapping[TaskKind, Measure] = {"line": LINES, "label": LABELS, "json": FIELDS, "text": TEXTS}
