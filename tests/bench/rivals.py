"""Photos a second of other programs and of plain loops, beside ours, on the same photos and graph.

rclip is a program of its own: install it into an environment of its own and say where it is
(`python -m venv DIR && DIR/bin/pip install rclip==3.3.0`, then `--rclip DIR/bin/rclip`). It finds
the graph in its data folder, under the names it wants. Its model is the ViT-B-32-256, so all others
take that one, too. Programs are measured with their start-up, loops without theirs.

    python -m tests.bench.rivals --photos 100 --rclip DIR/bin/rclip
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from photosearch.inference.model_folder import IMAGE_GRAPH, TEXT_GRAPH, read_settings
from photosearch.inference.preprocess import normalise, to_input
from tests.bench import measure
from tests.bench.indexing import photo_files, whole

NAME = "ViT-B-32-256"
RCLIP_FOLDER = "ViT-B-32-256-datacomp_s34b_b86k"
RCLIP_WORDS = "tokenizer/bpe_simple_vocab_16e6.txt.gz"
BATCH = 8  # rclip's own
LOOPED = 48  # photos of a plain loop: it is as fast with more


def rclip_data(work: Path, model: Path) -> Path:
    """Return a data folder of rclip that holds a model, made when it is not there."""
    data = work / f"rclip-{model.name}"
    if (data / "complete").exists():
        return data
    import onnx
    import open_clip

    shutil.rmtree(data, ignore_errors=True)
    for own, theirs in ((IMAGE_GRAPH, "visual.onnx"), (TEXT_GRAPH, "textual.onnx")):
        graph = onnx.load(str(model / own))
        _take_input(graph.graph)
        target = data / RCLIP_FOLDER / theirs
        target.parent.mkdir(parents=True, exist_ok=True)
        onnx.save(graph, str(target))
    words = data / RCLIP_WORDS
    words.parent.mkdir(parents=True)
    shutil.copy(Path(open_clip.__file__).parent / words.name, words)
    (data / "complete").touch()
    return data


def _take_input(graph: Any) -> None:
    """Let a graph take what rclip gives it: "input", and words as 64-bit numbers."""
    from onnx import TensorProto, helper

    given = graph.input[0]
    if given.type.tensor_type.elem_type == TensorProto.INT32:
        given.type.tensor_type.elem_type = TensorProto.INT64
        cast = helper.make_node("Cast", ["input"], [given.name], to=TensorProto.INT32)
        graph.node.insert(0, cast)
    else:
        for node in graph.node:
            node.input[:] = ["input" if name == given.name else name for name in node.input]
    given.name = "input"


def rclip(program: Path, data: Path, folder: Path, count: int) -> float:
    """Return photos a second of rclip on an empty database, its start and a query included."""
    for left in data.glob("db.sqlite3*"):
        left.unlink()
    environment = {**os.environ, "RCLIP_DATADIR": str(data), "HF_HUB_OFFLINE": "1"}
    for name in ("PYTHONPATH", "PYTHONSAFEPATH"):
        environment.pop(name, None)
    printed: list[str] = []

    def run() -> None:
        command = [str(program.absolute()), "--filepath-only", "--top", str(count), "a photo"]
        done = subprocess.run(
            command, cwd=folder, env=environment, capture_output=True, text=True, check=True
        )
        printed.append(done.stdout)

    seconds = measure.timed(run)
    if len(printed[0].splitlines()) != count:
        raise SystemExit(f"rclip did not index all photos: {printed[0][-500:]}")
    return count / seconds


def batches(paths: list[Path], prepare: Callable[[Any], Any], *, draft: bool) -> Iterator[Any]:
    """Yield model inputs of photos, opened with Pillow one after another."""
    from PIL import Image

    waiting: list[Any] = []
    for path in paths:
        with Image.open(path) as image:
            if draft:
                image.draft("RGB", (360, 360))
            waiting.append(prepare(image.convert("RGB")))
        if len(waiting) == BATCH:
            yield np.stack(waiting)
            waiting.clear()
    if waiting:
        yield np.stack(waiting)


def plain_loop(paths: list[Path], model: Path, *, draft: bool) -> float:
    """Return photos a second of ONNX Runtime as it comes, fed by Pillow."""
    import onnxruntime

    session = onnxruntime.InferenceSession(
        str(model / IMAGE_GRAPH), providers=["CPUExecutionProvider"]
    )
    name = session.get_inputs()[0].name
    spec = read_settings(model).preprocess

    def run() -> None:
        for batch in batches(paths, lambda image: to_input(image, spec), draft=draft):
            session.run(None, {name: normalise(batch, spec)})

    return len(paths) / measure.timed(run)


def open_clip_loop(paths: list[Path]) -> float:
    """Return photos a second of open_clip in PyTorch, with its own preprocessing."""
    import torch

    from tests.openclip_export import build, load_open_clip

    open_clip = load_open_clip()
    torch.set_num_threads(os.cpu_count() or 1)
    model = build(NAME).eval()
    prepare = open_clip.image_transform(256, is_train=False)

    def run() -> None:
        with torch.inference_mode():
            for batch in batches(paths, lambda image: prepare(image).numpy(), draft=False):
                model.encode_image(torch.from_numpy(batch))

    return len(paths) / measure.timed(run)


def main() -> None:
    given = measure.parser(__doc__)
    given.add_argument("--photos", type=int, default=100, metavar="N")
    given.add_argument("--rclip", type=Path, metavar="PROGRAM", help="where rclip is installed")
    told = given.parse_args()
    paths = photo_files(told.work, told.photos)
    from tests.openclip_export import load_open_clip

    load_open_clip()
    models = {kind: measure.random_model(told.work, int8=kind == "int8", name=NAME)
              for kind in ("fp32", "int8")}  # fmt: skip
    home = measure.own_folder(told.work, "home")
    folder, count = paths[0].parent, len(paths)
    runs: dict[str, dict[str, Callable[[], float]]] = {
        "**ours, `photosearch index`, with its start**": {
            kind: lambda model=model: whole(folder, model, home, count)[1]
            for kind, model in models.items()
        },
    }
    if told.rclip:
        data = {kind: rclip_data(told.work, model) for kind, model in models.items()}
        runs["rclip, with its start"] = {
            kind: lambda each=each: rclip(told.rclip, each, folder, count)
            for kind, each in data.items()
        }
    looped = paths[:LOOPED]
    for words, draft in (("whole", False), ("draft", True)):
        runs[f"ONNX Runtime in a plain loop, {words} decode"] = {
            kind: lambda model=model, draft=draft: plain_loop(looped, model, draft=draft)
            for kind, model in models.items()
        }
    runs["open_clip in PyTorch, a plain loop"] = {"fp32": lambda: open_clip_loop(looped)}
    found: dict[tuple[str, str], list[float]] = {}
    for turn in range(told.repeat):
        for what, kinds in runs.items():
            for kind, run in kinds.items():
                measure.say(f"round {turn + 1} of {told.repeat}: {what}, {kind}")
                found.setdefault((what, kind), []).append(run())
    shutil.rmtree(home, ignore_errors=True)
    _print(told.photos, runs, {key: float(np.median(each)) for key, each in found.items()})


def _print(photos: int, runs: dict[str, Any], speeds: dict[tuple[str, str], float]) -> None:
    ours = next(iter(runs))
    base = "rclip, with its start"
    rows = []
    for what in runs:
        cells = [what]
        for kind in ("fp32", "int8"):
            speed = speeds.get((what, kind))
            cells.append("" if speed is None else f"{speed:.1f}")
        for kind in ("fp32", "int8"):
            # Each of ours beside rclip as it comes, which is fp32.
            speed = speeds.get((base, "fp32"))
            times = speeds[ours, kind] / speed if what == ours and speed else None
            cells.append("" if times is None else f"**{times:.2f}**")
        rows.append(cells)
    measure.print_table(
        f"{photos} photos of 12 megapixels, {NAME} with random weights, beside others",
        ["photos a second", "fp32", "int8", "of rclip's fp32: fp32", "int8"],
        rows,
    )


if __name__ == "__main__":
    main()
