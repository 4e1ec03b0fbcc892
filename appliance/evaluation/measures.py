"""The measure of every kind of task."""

from collections.abc import Mapping

from appliance.core.tasks import TaskKind
from appliance.evaluation.lines import LINES
from appliance.evaluation.measure import Measure

MEASURES: Mapping[TaskKind, Measure] = {"line": LINES}
