from pathlib import Path
from typing import get_args

from appliance.core.events import EventLog
from appliance.core.reporting import Reporter
from appliance.core.sections import ExportSettings
from appliance.stages.export import quantised
from quantize.export import export_float
from quantize.schemes import SCHEMES, SchemeName
from quantize.variants import NF4, Q4_0


def test_the_settings_name_every_scheme():
    assert ExportSettings().variants == ("float", *SCHEMES)
    assert get_args(SchemeName) == tuple(SCHEMES)


def test_a_scheme_on_the_grid_of_the_base_is_left_out_and_told(tiny_folder: Path, tmp_path: Path):
    whole = export_float(tiny_folder, tmp_path / "float")
    log = EventLog(tmp_path / "events.jsonl")
    made = list(quantised(whole, ExportSettings(), (NF4, Q4_0), Reporter(log, "export", lambda: False)))
    assert [(variant.name, variant.kind) for variant in made] == [
        ("int8", "int8"),
        ("int8-64", "int8"),
        ("int4-16", "int4"),
    ]
    assert not (tmp_path / "int4").exists()
    assert "int4 is not made: the weights came from" in (tmp_path / "events.jsonl").read_text(encoding="utf-8")
