"""Photos a second from file to vector, beside decoding alone, encoding alone, and the floor.

The floor is what the hardware cannot be asked to undercut: decoding each JPEG as small as the
thumbnail needs (Pillow's draft mode) plus the image tower at its best batch, each of them over all
cores. Photos are the captioned test photos, enlarged to 12 megapixels with some grain so that the
files are as large as a camera's. All of it is measured in one run, in turns.

    python -m tests.bench.indexing --photos 200
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import numpy as np

from photosearch.engine.decoders import DecoderPool
from photosearch.engine.requests import LookRequest
from photosearch.inference.encoders import ImageEncoder, open_image_encoder
from photosearch.inference.model_folder import read_settings
from photosearch.media.photo_thumbs import SHORT_SIDE_PX
from tests.bench import measure

SIZE = (4000, 3000)
GRAIN = 5.0  # standard deviation: gives files of some 3 MB at quality 88
BATCHES = (1, 2, 4, 8, 16, 32)
CORES = os.cpu_count() or 1


@dataclass(frozen=True, slots=True)
class Speed:
    """Photos a second with one model."""

    encode: float
    batch: int
    floor: float
    small: float  # decoded and made small, no more
    look: float
    whole: float
    wall: float


def photo_files(work: Path, count: int, kind: str = "captioned") -> list[Path]:
    """Return `count` JPEGs of 12 megapixels, all different, made when they are not there.

    They are enlarged from `kind`, a folder of the test photos.
    """
    folder = work / (f"photos-{count}" if kind == "captioned" else f"{kind}-{count}")
    paths = [folder / f"IMG_{number:05d}.jpg" for number in range(count)]
    sources = sorted((measure.SHARED / "photos" / kind).rglob("*.jpg"))
    if not sources:
        raise SystemExit(f"There are no photos below {measure.SHARED / 'photos' / kind}.")
    missing = [number for number, path in enumerate(paths) if not path.exists()]
    if missing:
        measure.say(f"making {len(missing)} photos in {folder}")
        folder.mkdir(parents=True, exist_ok=True)
        noise = np.random.default_rng(1).normal(0, GRAIN, (SIZE[1], SIZE[0], 1))
        grain = noise.astype(np.int16)
        for number in missing:
            _enlarge(sources[number % len(sources)], paths[number], number, grain)
    return paths


def _enlarge(source: Path, target: Path, number: int, grain: np.ndarray) -> None:
    from PIL import Image

    with Image.open(source) as image:
        large = image.convert("RGB").resize(SIZE, Image.Resampling.BICUBIC)
    pixels = np.asarray(large, np.int16) + np.roll(grain, number * 97, axis=0)
    part = target.with_suffix(".part")
    Image.fromarray(pixels.clip(0, 255).astype(np.uint8)).save(part, "JPEG", quality=88)
    part.rename(target)


def draft_decode(path: str) -> int:
    """Decode as little as a thumbnail needs: the floor of decoding."""
    from PIL import Image

    with Image.open(path) as image:
        image.draft("RGB", (SHORT_SIDE_PX, SHORT_SIDE_PX))
        image.load()
        return min(image.size)


def draft_and_resize(path: str) -> int:
    """Decode as little as a thumbnail needs, and make it as small: what a look is measured by."""
    from PIL import Image

    with Image.open(path) as image:
        image.draft("RGB", (SHORT_SIDE_PX, SHORT_SIDE_PX))
        scale = SHORT_SIDE_PX / min(image.size)
        size = round(image.width * scale), round(image.height * scale)
        return min(image.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0).size)


def decode_floor(paths: list[Path], decode: Callable[[str], int]) -> float:
    """Return photos a second over all cores, the processes being there already."""
    with ProcessPoolExecutor(CORES, get_context("spawn")) as pool:
        list(pool.map(decode, map(str, paths[:CORES]), chunksize=1))  # starts them
        seconds = measure.timed(lambda: list(pool.map(decode, map(str, paths), chunksize=4)))
    return len(paths) / seconds


def encode_floor(encoder: ImageEncoder, images: int) -> tuple[float, int]:
    """Return images a second at the best batch, and that batch."""
    spec = encoder.spec
    rng = np.random.default_rng(2)
    pixels = rng.integers(0, 256, (max(BATCHES), spec.height, spec.width, 3), np.uint8)
    speeds: dict[int, float] = {}
    for batch in BATCHES:
        encoder.encode(pixels[:batch])
        runs = max(2, images // batch)
        seconds = measure.timed(_runs(encoder, pixels[:batch], runs))
        speeds[batch] = runs * batch / seconds
    best = max(speeds, key=lambda batch: speeds[batch])
    return speeds[best], best


def _runs(encoder: ImageEncoder, pixels: np.ndarray, runs: int) -> Callable[[], object]:
    return lambda: [encoder.encode(pixels) for _ in range(runs)]


def look(paths: list[Path], model: Path) -> float:
    """Return photos a second of the program's own first stage: hash, facts, thumbnail, input."""
    spec = read_settings(model).preprocess
    requests = [LookRequest(os.fsencode(path), path.name, spec) for path in paths]
    pool = DecoderPool(CORES, 60)
    try:
        with ThreadPoolExecutor(CORES) as threads:
            list(threads.map(pool.look, requests[:CORES]))  # starts the children
            seconds = measure.timed(lambda: list(threads.map(pool.look, requests)))
    finally:
        pool.close()
    return len(paths) / seconds


def whole(folder: Path, model: Path, home: Path, count: int) -> tuple[float, float]:
    """Return photos a second of `photosearch index` into an empty library: run, whole process."""
    shutil.rmtree(home, ignore_errors=True)
    measure.program("models", "add", str(model), home=home)
    printed: list[str] = []

    def index() -> None:
        printed.append(measure.program("index", "--json", str(folder), home=home).stdout)

    wall_s = measure.timed(index)
    done = json.loads(printed[0].splitlines()[-1])
    if done["added"] != count or done["failed"]:
        raise SystemExit(f"not all photos were indexed: {done}")
    return count / done["seconds"], count / wall_s


def measured(
    paths: list[Path], models: dict[str, Path], work: Path, repeat: int
) -> tuple[float, dict[str, Speed]]:
    """Return the decode floor, and everything about each model; medians, taken in turns."""
    floors: list[float] = []
    rounds: dict[str, list[tuple[float, ...]]] = {name: [] for name in models}
    images = max(32, min(len(paths), 192))
    home = measure.own_folder(work, "home")
    for turn in range(repeat):
        floors.append(floor := decode_floor(paths, draft_decode))
        for name, model in models.items():
            measure.say(f"{name}: round {turn + 1} of {repeat}")
            encode, batch = encode_floor(open_image_encoder(model), images)
            small = decode_floor(paths, draft_and_resize)
            looked = look(paths, model)
            run, wall = whole(paths[0].parent, model, home, len(paths))
            both = 1 / (1 / floor + 1 / encode)
            rounds[name].append((encode, batch, both, small, looked, run, wall))
    shutil.rmtree(home, ignore_errors=True)
    speeds: dict[str, Speed] = {}
    for name, values in rounds.items():
        encode, _, both, small, looked, run, wall = np.median(np.array(values), axis=0).tolist()
        batch = int(max(values)[1])  # of the fastest round
        speeds[name] = Speed(encode, batch, both, small, looked, run, wall)
    return float(np.median(floors)), speeds


def main() -> None:
    given = measure.parser(__doc__)
    given.add_argument("--photos", type=int, default=200, metavar="N")
    given.add_argument("--model", choices=("fp32", "int8", "both"), default="both")
    told = given.parse_args()
    paths = photo_files(told.work, told.photos)
    megabytes = sum(path.stat().st_size for path in paths) / len(paths) / 1e6
    wanted = ("fp32", "int8") if told.model == "both" else (told.model,)
    models = {name: measure.random_model(told.work, int8=name == "int8") for name in wanted}
    decode, found = measured(paths, models, told.work, told.repeat)
    speeds = list(found.values())
    rows = [
        ["decoding alone: draft to 360 px", *[f"{decode:.1f}" for _ in speeds]],
        ["encoding alone, best batch", *[f"{s.encode:.1f} (batch {s.batch})" for s in speeds]],
        ["**floor: both after one another**", *[f"**{s.floor:.1f}**" for s in speeds]],
        ["decoding and making small", *[f"{s.small:.1f}" for s in speeds]],
        [
            "the program's look: read, hash, facts, thumbnail, model input",
            *[f"{s.look:.1f} ({s.small / s.look:.2f} of the time before)" for s in speeds],
        ],
        [
            "**end to end, `photosearch index`**",
            *[f"**{s.whole:.1f}** ({s.whole / s.floor:.2f} of the floor)" for s in speeds],
        ],
        [
            "the same with starting and ending the process",
            *[f"{s.wall:.1f} ({s.wall / s.floor:.2f})" for s in speeds],
        ],
    ]
    measure.print_table(
        f"Indexing {len(paths)} photos of 12 megapixels ({megabytes:.1f} MB each), ViT-B/32",
        ["photos a second, all cores", *wanted],
        rows,
    )


if __name__ == "__main__":
    main()
