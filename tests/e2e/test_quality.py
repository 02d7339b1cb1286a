"""How well photos are found, through the program as it is used."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path

from .conftest import Indexed
from .program import Program


def ask(program: Program, queries: Sequence[str], limit: int) -> list[list[str]]:
    """Return the paths found by content alone for each query, best first."""
    answer = program.run(
        "search",
        "-",
        "--content-only",
        "--limit",
        str(limit),
        stdin="".join(f"{query}\n" for query in queries).encode(),
    )
    assert answer.code == 0, answer.words
    replies = [json.loads(line) for line in answer.out.splitlines()]
    assert [reply["query"] for reply in replies] == list(queries)
    return [[row["path"] for row in reply["results"]] for reply in replies]


def test_captions_find_their_photos(captioned: Indexed, photos: Path) -> None:
    rows = json.loads((photos / "captioned" / "captions.json").read_text("utf-8"))
    pairs = [
        (" ".join(caption.split()), Path(row["file"]).name)
        for row in rows
        for caption in row["captions"][:5]
    ]
    assert len(pairs) == 500
    found = ask(captioned.program, [caption for caption, _ in pairs], 10)
    ranks = [
        next((i for i, path in enumerate(paths) if Path(path).name == wanted), 10)
        for paths, (_, wanted) in zip(found, pairs, strict=True)
    ]
    recall = {k: sum(rank < k for rank in ranks) / len(ranks) for k in (1, 5, 10)}
    print(recall)
    assert recall[1] >= 0.29
    assert recall[5] >= 0.61
    assert recall[10] >= 0.71


def test_names_of_things_find_photos_of_them(
    make_program: Callable[[str], Program], photos: Path, models: Path
) -> None:
    program = make_program("classes")
    program.good("models", "add", models / "standin-clip")
    report = program.good("index", photos / "classes" / "images")
    assert report["failed"] == []
    classes = sorted(p.name for p in (photos / "classes" / "images").iterdir())
    assert len(classes) == 50
    found = ask(program, [name.replace("_", " ") for name in classes], 1)
    right = [Path(paths[0]).parent.name == name for paths, name in zip(found, classes, strict=True)]
    precision = sum(right) / len(right)
    print(precision)
    assert precision >= 0.52
