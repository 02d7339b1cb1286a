"""Photos a second with faces looked for, beside a floor of their own.

The floor adds to that of `tests.bench.indexing` what faces cannot do without, over all cores:
decoding the photo at half its size, one run of the detector, one of the recogniser for each face.
The face pack is the test pack, made as heavy as buffalo_l (SCRFD-10G, a ResNet-50): next to each
graph stands a branch of random convolutions that does the work and adds nothing. The photos are
portraits, enlarged to 12 megapixels.

    python -m tests.bench.faces --photos 100
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from photosearch.engine.decode import FACES_LEAST_PX, FACES_MOST_PX
from photosearch.inference.encoders import open_image_encoder
from photosearch.inference.faces import FaceAnalyser, open_face_analyser
from photosearch.inference.fingerprint import DETECTION, RECOGNITION
from tests.bench import measure
from tests.bench.indexing import decode_floor, draft_decode, encode_floor, photo_files

# [convolutions of 3 x 3, channels, side of what they work on]; 10 and 6.3 GFLOPs with the stems.
_DETECTOR = (5, 64, 160)
_RECOGNISER = (7, 256, 28)
_WARM, _RUNS = 2, 12


@dataclass(frozen=True, slots=True)
class Floor:
    """Photos a second of each part alone, over all cores."""

    small: float
    encode: float
    half: float
    detect: float
    recognise: float

    @property
    def whole(self) -> float:
        """All parts after one another, one face a photo."""
        parts = (self.small, self.encode, self.half, self.detect, self.recognise)
        return 1 / sum(1 / part for part in parts)


def heavy_pack(work: Path) -> Path:
    """Return the folder of the test face pack, made heavy; kept when it is there already."""
    folder = work / "models" / "heavy-faces"
    if (folder / "complete").exists():
        return folder
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(measure.SHARED / "models" / "standin-faces", folder)
    for path in [folder, *folder.rglob("*")]:
        path.chmod(0o755 if path.is_dir() else 0o644)
    _burden(folder / DETECTION, 640, *_DETECTOR)
    _burden(folder / RECOGNITION, 112, *_RECOGNISER)
    (folder / "complete").touch()
    return folder


def _burden(path: Path, side: int, layers: int, channels: int, inner: int) -> None:
    """Add a branch of convolutions, whose mean joins the first output, too small to change it."""
    import onnx
    from onnx import helper, numpy_helper

    model = onnx.load(str(path))
    graph = model.graph
    rng = np.random.default_rng(4)
    stride = side // inner
    last = graph.input[0].name
    for layer in range(layers + 1):
        size = stride if layer == 0 else 3
        shape = (channels, 3 if layer == 0 else channels, size, size)
        weights = rng.normal(0, np.sqrt(2 / np.prod(shape[1:])), shape).astype(np.float32)
        graph.initializer.append(numpy_helper.from_array(weights, f"burden_w{layer}"))
        step, around = (stride, 0) if layer == 0 else (1, 1)
        made: dict[str, Any] = {"strides": [step] * 2, "pads": [around] * 4}
        names = ([last, f"burden_w{layer}"], [f"burden_c{layer}"])
        graph.node.append(helper.make_node("Conv", *names, **made))
        graph.node.append(helper.make_node("Relu", [f"burden_c{layer}"], [f"burden_{layer}"]))
        last = f"burden_{layer}"
    tiny = numpy_helper.from_array(np.float32(1e-30), "burden_tiny")
    graph.initializer.append(tiny)
    output = graph.output[0].name
    for node in graph.node:
        node.output[:] = ["burden_of" if name == output else name for name in node.output]
        node.input[:] = ["burden_of" if name == output else name for name in node.input]
    graph.node.extend(
        [
            helper.make_node("ReduceMean", [last], ["burden_mean"], keepdims=0),
            helper.make_node("Mul", ["burden_mean", "burden_tiny"], ["burden"]),
            helper.make_node("Add", ["burden_of", "burden"], [output]),
        ]
    )
    onnx.save(model, str(path))


def half_decode(path: str) -> int:
    """Decode as much of a photo as faces are looked for in."""
    from PIL import Image

    with Image.open(path) as image:
        image.draft("RGB", (FACES_LEAST_PX, FACES_LEAST_PX * image.height // image.width))
        image.load()
        if max(image.size) > FACES_MOST_PX:
            raise SystemExit(f"{path} was decoded larger than faces need: {image.size}")
        return min(image.size)


def graph_floor(analyser: FaceAnalyser) -> tuple[float, float]:
    """Return runs a second of the detector at its size, and of the recogniser with one face."""
    rng = np.random.default_rng(5)
    seen = rng.integers(0, 256, (640, 640, 3), np.uint8)
    size = analyser.recogniser.graph.size_px
    face = rng.integers(0, 256, (1, size, size, 3), np.uint8)
    speeds = []
    for run in (
        lambda: analyser.detector.look(seen, 0.5),
        lambda: analyser.recogniser.encode(face),
    ):
        for _ in range(_WARM):
            run()
        speeds.append(_RUNS / measure.timed(lambda run=run: [run() for _ in range(_RUNS)]))  # type: ignore[misc]
    return speeds[0], speeds[1]


def floor(paths: list[Path], model: Path, pack: Path) -> Floor:
    """Measure every part alone."""
    encode, _ = encode_floor(open_image_encoder(model), 64)
    small, half = decode_floor(paths, draft_decode), decode_floor(paths, half_decode)
    return Floor(small, encode, half, *graph_floor(open_face_analyser(pack)))


def whole(folder: Path, model: Path, pack: Path, home: Path, count: int) -> tuple[float, int]:
    """Return photos a second of `photosearch index` with faces, and how many it found."""
    shutil.rmtree(home, ignore_errors=True)
    for given in (model, pack):
        measure.program("models", "add", str(given), home=home)
    done = json.loads(
        measure.program("index", "--json", str(folder), home=home).stdout.splitlines()[-1]
    )
    if done["added"] != count or done["failed"]:
        raise SystemExit(f"not all photos were indexed: {done}")
    grouped = json.loads(measure.program("people", "regroup", "--json", home=home).stdout)
    return count / done["seconds"], grouped["faces"]


def main() -> None:
    given = measure.parser(__doc__)
    given.add_argument("--photos", type=int, default=100, metavar="N")
    told = given.parse_args()
    paths = photo_files(told.work, told.photos, "people")
    model, pack = measure.random_model(told.work, int8=False), heavy_pack(told.work)
    home = measure.own_folder(told.work, "home")
    floors: list[Floor] = []
    runs: list[tuple[float, int]] = []
    for turn in range(told.repeat):
        measure.say(f"round {turn + 1} of {told.repeat}")
        floors.append(floor(paths, model, pack))
        runs.append(whole(paths[0].parent, model, pack, home, len(paths)))
    shutil.rmtree(home, ignore_errors=True)
    _print(floors, runs, len(paths))


def _print(floors: Sequence[Floor], runs: Sequence[tuple[float, int]], count: int) -> None:
    ratio = float(
        np.median([run / each.whole for each, (run, _) in zip(floors, runs, strict=True)])
    )

    def middle(part: str) -> str:
        return f"{np.median([getattr(each, part) for each in floors]):.1f}"

    measure.print_table(
        f"Indexing {count} portraits of 12 megapixels with faces ({runs[0][1]}), ViT-B/32 fp32",
        ["what, all cores", "a second"],
        [
            ["decoding: draft to 360 px", middle("small")],
            ["the image tower, best batch", middle("encode")],
            ["decoding: half the size", middle("half")],
            ["the face detector, 10 GFLOPs", middle("detect")],
            ["the face recogniser, 6.3 GFLOPs", middle("recognise")],
            ["**floor: all after one another**", f"**{middle('whole')}**"],
            [
                "**end to end, `photosearch index`, grouping included**",
                f"**{np.median([run for run, _ in runs]):.1f}** ({ratio:.2f} of the floor)",
            ],
        ],
    )


if __name__ == "__main__":
    main()
