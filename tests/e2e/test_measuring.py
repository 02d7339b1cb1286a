"""`photosearch models measure` in the real program: what it says, keeps, and leaves alone."""

from __future__ import annotations

from pathlib import Path

from .program import Program


def test_a_model_is_measured(program: Program, models: Path) -> None:
    program.good("models", "add", models / "standin-clip")
    found = program.good("models", "measure", "standin-clip")
    assert found["device"] == found["plan"]["device"] == "cpu"
    full, int8 = found["results"]
    assert (full["precision"], full["cosine"], full["overlap"]) == ("fp32", 1.0, 1.0)
    assert (int8["precision"], int8["usable"], int8["reason"]) == ("int8", True, "")
    assert 0.985 <= int8["cosine"] < 1
    assert int8["overlap"] >= 0.9
    gains = int8["images_per_second"] >= 1.05 * full["images_per_second"]
    image = found["plan"]["image"]
    assert image["precision"] == ("int8" if gains else "fp32")
    assert Path(image["graph"]).is_file() if gains else image["graph"] == ""
    assert found["text_ms"] > 0
    assert found["notes"] == []
    kept = [path for path in (program.home / "cache" / "prepared").rglob("*") if path.is_file()]
    assert sorted(path.suffix for path in kept) == [".json", ".onnx"]


def test_a_model_that_is_not_there_cannot_be_measured(program: Program) -> None:
    answer = program.run("models", "measure", "nothing", "--json")
    assert answer.code == 1
    assert "There is no model named nothing" in answer.words
