"""An ONNX file is walked through before any runtime opens it."""

from pathlib import Path

import pytest

from appliance.base_model.onnx_walk import first_problem


def graph(folder: Path, *, domain: str = "", external: dict[str, str] | None = None, rows: int = 2) -> Path:
    """Write a graph of one addition whose weight may lie in another file."""
    import onnx  # noqa: PLC0415
    from onnx import TensorProto, helper  # noqa: PLC0415

    weight = helper.make_tensor("w", TensorProto.FLOAT, [rows], [1.0] * 2, raw=False) if rows == 2 else None
    if weight is None:
        weight = TensorProto(name="w", data_type=TensorProto.FLOAT, dims=[rows])
    if external is not None:
        del weight.float_data[:]
        weight.data_location = TensorProto.EXTERNAL
        for key, value in external.items():
            weight.external_data.add(key=key, value=value)
    node = helper.make_node("Add", ["x", "w"], ["y"], domain=domain)
    x = helper.make_tensor_value_info("x", TensorProto.FLOAT, [2])
    y = helper.make_tensor_value_info("y", TensorProto.FLOAT, [2])
    onnx.save(helper.make_model(helper.make_graph([node], "g", [x], [y], [weight])), folder / "model.onnx")
    return folder / "model.onnx"


def test_an_ordinary_graph_passes(tmp_path: Path) -> None:
    assert first_problem(graph(tmp_path)) == ""


def test_weights_in_a_file_beside_it_pass(tmp_path: Path) -> None:
    (tmp_path / "w.data").write_bytes(bytes(8))
    assert first_problem(graph(tmp_path, external={"location": "w.data", "offset": "0", "length": "8"})) == ""


@pytest.mark.parametrize(
    ("external", "says"),
    [
        ({"location": "../w.data"}, "outside of the folder"),
        ({"location": "/etc/passwd"}, "outside of the folder"),
        ({"location": "link.data"}, "a link"),
        ({"location": "hard.data"}, "a link"),
        ({"location": "none.data"}, "missing"),
        ({"location": "w.data", "offset": "4", "length": "8"}, "beyond the end"),
        ({"location": "w.data", "offset": "-4", "length": "8"}, "beyond the end"),
    ],
)
def test_weights_elsewhere_are_refused(tmp_path: Path, external: dict[str, str], says: str) -> None:
    (tmp_path / "w.data").write_bytes(bytes(8))
    (tmp_path / "link.data").symlink_to(tmp_path / "w.data")
    (tmp_path / "other").write_bytes(bytes(8))
    (tmp_path / "hard.data").hardlink_to(tmp_path / "other")
    assert says in first_problem(graph(tmp_path, external=external))


def test_an_unknown_domain_and_an_absurd_size_are_refused(tmp_path: Path) -> None:
    assert "unknown domain" in first_problem(graph(tmp_path, domain="com.example"))
    assert "absurd size" in first_problem(graph(tmp_path, rows=1 << 36))


@pytest.mark.parametrize("content", [b"", b"\x08\x07", b"not a graph at all"])
def test_what_is_no_graph_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "model.onnx").write_bytes(content)
    assert first_problem(tmp_path / "model.onnx")
