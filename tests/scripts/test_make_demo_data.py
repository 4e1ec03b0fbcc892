import csv
import json
import subprocess
import sys
from pathlib import Path

SCRIPT = Path(__file__).parents[2] / "scripts" / "make_demo_data.py"


def made(folder: Path, name: str, seed: int) -> Path:
    lines = [{"input": f"PH{n} REPL HOSE", "target": "<id> replace hose"} for n in range(40)]
    (folder / "train.jsonl").write_text("\n".join(json.dumps(line) for line in lines), encoding="utf-8")
    out = folder / name
    options = [
        "--maintnorm",
        folder,
        "--out",
        out,
        "--planted",
        out.with_suffix(".json"),
        "--rows",
        "30",
        "--seed",
        seed,
    ]
    subprocess.run([sys.executable, SCRIPT, *map(str, options)], check=True, timeout=60)
    return out


def test_the_same_seed_gives_the_same_bytes_and_another_seed_does_not(tmp_path: Path) -> None:
    first, second, other = (made(tmp_path, f"{n}.csv", seed) for n, seed in enumerate((7, 7, 8)))
    assert first.read_bytes() == second.read_bytes()
    assert first.read_bytes() != other.read_bytes()


def test_every_planted_value_stands_in_the_file(tmp_path: Path) -> None:
    out = made(tmp_path, "demo.csv", 7)
    rows = list(csv.DictReader(out.read_text(encoding="utf-8-sig").splitlines()))
    assert len(rows) == 30
    planted = json.loads(out.with_suffix(".json").read_text(encoding="utf-8"))
    cells = {f"{row['work_order']}/{column}": text for row in rows for column, text in row.items()}
    assert all(cells[where] for value in planted for where in value["where"])
