"""Files that declare or unpack to gigabytes cost a decoder neither time nor memory."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import bombs
import psutil
import pytest
from fuzzed import peak_bytes
from PIL import Image

from photosearch.engine.decoders import DecoderPool
from photosearch.engine.requests import LookRequest, PictureRequest

QUICK_S = 5.0  # some 10 ms; the machine may be busy
ALLOWED_S = 2.4  # what takes 1 s; at 25 megapixels 6 times as long
BYTES = 150_000_000  # beyond what a decoder takes for an ordinary photo
# Pillow, libwebp and libavif refuse the header before its size can be asked for.
REFUSED_BY_LIBRARY = {"frame.gif", "lossy.webp", "lossless.webp", "canvas.webp", "bomb.avif"}

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


@pytest.fixture(scope="module")
def pool(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DecoderPool]:
    """One decoder that has opened each format once: what it keeps for itself is counted before."""
    made = DecoderPool(1, 60)
    place = tmp_path_factory.mktemp("ordinary")
    for kind in ("jpg", "png", "gif", "tif", "bmp", "webp", "heic", "avif"):
        from pillow_heif import register_heif_opener

        register_heif_opener()
        path = place / f"ordinary.{kind}"
        Image.new("RGB", (900, 900), "red").save(path)
        assert made.look(LookRequest(os.fsencode(path), path.name)).facts
    yield made
    made.close()


def cpu_s(pool: DecoderPool) -> float:
    """Return the processor time that the decoder has taken: nobody else's work counts."""
    (child,) = pool._idle
    spent = psutil.Process(child.process.pid).cpu_times()
    return float(spent.user + spent.system)


def resident(pool: DecoderPool) -> int:
    (child,) = pool._idle
    status = Path(f"/proc/{child.process.pid}/status").read_text()
    return 1024 * int(next(x.split()[1] for x in status.splitlines() if x.startswith("VmRSS")))


@pytest.fixture(scope="module")
def declared() -> dict[str, bytes]:
    return bombs.declared()


@pytest.mark.parametrize("name", sorted(bombs.declared()))
def test_a_bomb_is_refused_by_its_header(
    pool: DecoderPool, declared: dict[str, bytes], name: str, tmp_path: Path
) -> None:
    path = tmp_path / name
    path.write_bytes(declared[name])
    raw = os.fsencode(path)
    before = resident(pool)
    peak_bytes(pool)  # counts anew
    began = time.monotonic()
    said = [
        pool.look(LookRequest(raw, name)).failure,
        pool.picture(PictureRequest(raw, 512)).failure,
    ]
    assert time.monotonic() - began < QUICK_S
    assert peak_bytes(pool) - before < BYTES
    for words in said:
        assert words.startswith(("The picture is too large: ", "The picture is damaged: ")), words
        assert words.endswith(".")
    if name == "hollow.png":
        assert said[0] == "The picture is damaged: its end is missing."
    else:
        assert "too large" in said[0] or name in REFUSED_BY_LIBRARY, said[0]


@pytest.fixture(scope="module")
def packed() -> dict[str, bytes]:
    return bombs.metadata()


def test_metadata_that_unpacks_to_much_is_bounded(
    pool: DecoderPool, packed: dict[str, bytes], tmp_path: Path
) -> None:
    for name, data in packed.items():
        path = tmp_path / name
        path.write_bytes(data)
        before = resident(pool)
        peak_bytes(pool)
        began = time.monotonic()
        reply = pool.look(LookRequest(os.fsencode(path), name))
        seconds, grown = time.monotonic() - began, peak_bytes(pool) - before
        assert seconds < QUICK_S, name
        assert grown < BYTES + len(data), name
        assert reply.facts or reply.failure.startswith("The picture is damaged"), reply.failure


@pytest.mark.parametrize("name", sorted(bombs.run_lengths()))
def test_a_bmp_that_unpacks_slowly_is_bounded(pool: DecoderPool, name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(bombs.run_lengths()[name])
    busy = cpu_s(pool)
    reply = pool.look(LookRequest(os.fsencode(path), name))
    spent = cpu_s(pool) - busy
    if name.startswith("allowed"):
        assert spent < ALLOWED_S
        return
    assert spent < 1  # it is refused by its header
    assert not reply.facts
    words = "it holds far more than" if name == "lost.bmp" else "run-length packed BMP up to 25"
    assert words in reply.failure
