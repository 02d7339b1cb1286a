"""Files that no program wrote: made from sound ones by a seeded chance, and looked at by a decoder.

Case `n` of seed `s` is the same bytes on every machine that has the same sound files. The files go
through a real decoding child, so that a crash of a C library is a finding and not the end of the
test.
"""

from __future__ import annotations

import os
import random
import struct
import time
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path

from photosearch.engine.decoders import DecoderPool
from photosearch.engine.requests import LookRequest, PictureRequest
from photosearch.media.formats import HEAD_BYTES, sniff
from photosearch.types import Preprocess

MOST_SEED_BYTES = 150_000
TIMEOUT_S = 30.0
SLOW_S = 10.0  # more than any file of this size takes on a busy machine
PEAK_BYTES = 2 << 30
SPEC = Preprocess(32, 32, (0.5, 0.5, 0.5), (0.5, 0.5, 0.5))
_LENGTHS = (0, 1, 2, 0x7F, 0x80, 0xFF, 0x100, 0x7FFF, 0xFFFF, 0x10000, 0x7FFFFFFF, 0xFFFFFFFF)
_ENDINGS = {"JPEG": "jpg", "HEIF": "heic", "TIFF": "tif"}
_XMP = b"""<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF
 xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
 xmlns:mwg-rs="http://www.metadataworkinggroup.com/schemas/regions/"
 xmlns:stArea="http://ns.adobe.com/xmp/sType/Area#"><rdf:Description>
 <mwg-rs:Regions rdf:parseType="Resource"><mwg-rs:RegionList><rdf:Bag>
 <rdf:li rdf:parseType="Resource"><mwg-rs:Name>Anna</mwg-rs:Name><mwg-rs:Type>Face</mwg-rs:Type>
 <mwg-rs:Area stArea:x="0.5" stArea:y="0.4" stArea:w="0.2" stArea:h="0.1"/></rdf:li>
 </rdf:Bag></mwg-rs:RegionList></mwg-rs:Regions></rdf:Description></rdf:RDF></x:xmpmeta>"""


@dataclass(frozen=True, slots=True)
class Case:
    """A file as it is put before the decoder; `sidecar` lies beside it."""

    number: int
    name: str  # of the sound file it was
    data: bytes
    sidecar: bytes = b""

    @property
    def file_name(self) -> str:
        kind = sniff(self.data[:HEAD_BYTES]) or "JPEG"
        return f"case.{_ENDINGS.get(kind, kind.lower())}"


@dataclass(frozen=True, slots=True)
class Finding:
    """A file that did more than be refused."""

    number: int
    name: str
    what: str
    kept: Path


@dataclass(slots=True)
class Outcome:
    """What a run of many cases came to."""

    cases: int = 0
    opened: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    slowest_s: float = 0.0
    peak_bytes: int = 0
    findings: list[Finding] = field(default_factory=list)


# --- what is begun with ---------------------------------------------------------------


def sound_files(photos: Path) -> list[tuple[str, bytes]]:
    """Return small pictures of all kinds: those of the collection, and some made here."""
    found = [(f"made {name}", data) for name, data in made_files().items()]
    for part in ("formats", "edge", "broken"):
        for path in sorted((photos / part).rglob("*")):
            if path.is_file() and path.stat().st_size <= MOST_SEED_BYTES:
                data = path.read_bytes()
                if sniff(data[:HEAD_BYTES]):
                    found.append((path.relative_to(photos).as_posix(), data))
    return found


def made_files() -> dict[str, bytes]:
    """Return a tiny picture in each format, packed in each way, with metadata of each kind."""
    from PIL import Image, ImageCms
    from pillow_heif import register_heif_opener

    register_heif_opener()
    grey = Image.linear_gradient("L").resize((48, 32))
    colour = Image.merge("RGB", (grey, grey.transpose(Image.Transpose.ROTATE_180), grey))
    clear = colour.copy()
    clear.putalpha(grey)
    exif = Image.Exif()
    exif[0x0112], exif[0x010F], exif[0x0110] = 6, "Maker", "Model"
    exif.get_ifd(0x8769)[0x9003] = "2020:02:03 04:05:06"
    exif.get_ifd(0x8825).update({1: "N", 2: (1.0, 2.0, 3.0), 3: "E", 4: (4.0, 5.0, 6.0)})
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    said = {"exif": exif.tobytes(), "icc_profile": profile}
    ways: list[tuple[str, Image.Image, str, dict[str, object]]] = [
        ("baseline.jpg", colour, "JPEG", {**said, "xmp": _XMP}),
        ("progressive.jpg", colour, "JPEG", {"progressive": True}),
        ("cmyk.jpg", colour.convert("CMYK"), "JPEG", {}),
        ("several.mpo", colour, "MPO", {"save_all": True, "append_images": [colour]}),
        ("plain.png", clear, "PNG", said),
        ("deep.png", grey.convert("I;16"), "PNG", {}),
        ("palette.png", colour.quantize(7), "PNG", {"transparency": 1}),
        ("moving.png", colour, "PNG", {"save_all": True, "append_images": [clear.convert("RGB")]}),
        ("lossy.webp", clear, "WEBP", {**said, "xmp": _XMP}),
        ("lossless.webp", colour, "WEBP", {"lossless": True}),
        ("moving.webp", colour, "WEBP", {"save_all": True, "append_images": [colour.rotate(9)]}),
        ("still.gif", colour.quantize(16), "GIF", {"comment": b"a comment"}),
        ("moving.gif", colour, "GIF", {"save_all": True, "append_images": [colour.rotate(9)]}),
        ("plain.bmp", colour, "BMP", {}),
        ("alpha.bmp", clear, "BMP", {}),
        ("small.heic", colour, "HEIF", {**said, "quality": 50}),
        ("alpha.avif", clear, "AVIF", {"exif": exif.tobytes(), "quality": 50}),
    ]
    ways += [
        (f"{packed}.tif", picture, "TIFF", {"compression": packed})
        for packed, picture in (
            ("raw", colour),
            ("tiff_lzw", clear),
            ("tiff_adobe_deflate", grey.convert("I;16")),
            ("jpeg", colour),
            ("packbits", grey),
            ("group4", grey.convert("1")),
        )
    ]
    found = {}
    for name, picture, kind, options in ways:
        out = BytesIO()
        picture.save(out, kind, **options)
        found[name] = out.getvalue()
    return found


# --- how it is spoiled ----------------------------------------------------------------


def cases(seeds: Sequence[tuple[str, bytes]], seed: int) -> Iterator[Case]:
    """Yield case after case without end; each kind of file comes up equally often."""
    kinds: dict[str, list[tuple[str, bytes]]] = {}
    for name, data in seeds:
        kinds.setdefault(sniff(data[:HEAD_BYTES]) or "", []).append((name, data))
    for number in range(1 << 62):
        yield case(kinds, seed, number)


def case(kinds: dict[str, list[tuple[str, bytes]]], seed: int, number: int) -> Case:
    """Return one case: nothing but its number, the seed and the sound files decides what it is."""
    chance = random.Random(f"{seed} {number}")
    among = kinds[chance.choice(sorted(kinds))]
    name, data = chance.choice(among)
    if chance.random() < 0.1:  # metadata for itself: what is around it stays sound
        return _spoiled_metadata(chance, kinds, number)
    spoiled = bytearray(data)
    for _ in range(chance.choice((1, 1, 1, 2, 3, 6))):
        other = chance.choice(among)[1]
        spoiled = chance.choice(_WAYS)(chance, spoiled, other)
    if spoiled[:4] == b"\x89PNG" and chance.random() < 0.7:
        spoiled = _with_sums(spoiled)
    return Case(number, name, bytes(spoiled))


def _spoiled_metadata(
    chance: random.Random, kinds: dict[str, list[tuple[str, bytes]]], number: int
) -> Case:
    pictures = dict(kinds["JPEG"])
    plain = pictures.get("made baseline.jpg") or chance.choice(kinds["JPEG"])[1]
    if chance.random() < 0.4:
        sidecar = chance.choice(_WAYS)(chance, bytearray(_XMP), _XMP)
        return Case(number, "a sidecar", plain, bytes(sidecar))
    at = plain.find(b"Exif\0\0")
    (length,) = struct.unpack_from(">H", plain, at - 2) if at >= 4 else (0,)
    block = bytearray(plain[at + 6 : at - 2 + length] or b"II*\0\x08\0\0\0\0\0")
    for _ in range(chance.randrange(1, 5)):
        block = chance.choice(_WAYS)(chance, block, bytes(block))
    block = block[:65_000]
    segment = b"\xff\xe1" + struct.pack(">H", len(block) + 8) + b"Exif\0\0" + block
    rest = plain[at - 2 + length :] if at >= 4 else plain[2:]
    return Case(number, "its EXIF", plain[:2] + segment + rest)


def _place(chance: random.Random, data: bytearray) -> int:
    """Return a place in a file; what is at its beginning decides most."""
    most = len(data) if chance.random() < 0.5 else min(len(data), 400)
    return chance.randrange(most) if most else 0


def _flip(chance: random.Random, data: bytearray, _: bytes) -> bytearray:
    for _time in range(chance.choice((1, 1, 4, 16))):
        if data:
            data[_place(chance, data)] ^= 1 << chance.randrange(8)
    return data


def _overwrite(chance: random.Random, data: bytearray, _: bytes) -> bytearray:
    at = _place(chance, data)
    data[at : at + chance.randrange(1, 64)] = chance.randbytes(chance.randrange(64))
    return data


def _length(chance: random.Random, data: bytearray, _: bytes) -> bytearray:
    """Write a number where one may be: of bytes to come, of pixels, of entries, of a place."""
    at = _place(chance, data)
    number = chance.choice((*_LENGTHS, len(data), max(0, len(data) - at)))
    width, order = chance.choice((1, 2, 2, 4, 4, 8)), chance.choice(("<", ">"))
    packed = struct.pack(order + "Q", number)
    data[at : at + width] = packed[:width] if order == "<" else packed[-width:]
    return data


def _truncate(chance: random.Random, data: bytearray, _: bytes) -> bytearray:
    return data[: chance.randrange(len(data) + 1)]


def _splice(chance: random.Random, data: bytearray, other: bytes) -> bytearray:
    """Go on with the rest of another file of the same kind."""
    return data[: _place(chance, data)] + other[chance.randrange(len(other) + 1) :]


def _repeat(chance: random.Random, data: bytearray, _: bytes) -> bytearray:
    """Have a piece of the file several times."""
    at = _place(chance, data)
    piece = data[at : at + chance.choice((1, 12, 100, 3000))]
    return data[:at] + piece * chance.choice((2, 3, 40)) + data[at + len(piece) :]


def _cut_out(chance: random.Random, data: bytearray, _: bytes) -> bytearray:
    at = _place(chance, data)
    del data[at : at + chance.choice((1, 2, 12, 300))]
    return data


Way = Callable[[random.Random, bytearray, bytes], bytearray]
_WAYS: tuple[Way, ...] = (_flip, _flip, _overwrite, _length, _length, _truncate, _splice, _repeat)
_WAYS = (*_WAYS, _cut_out)


def _with_sums(data: bytearray) -> bytearray:
    """Return a PNG whose check sums are right: else nothing behind the first wrong one is read."""
    at = 8
    while at + 12 <= len(data):
        (length,) = struct.unpack_from(">I", data, at)
        end = at + 8 + length
        if end + 4 > len(data):
            break
        struct.pack_into(">I", data, end, zlib.crc32(data[at + 4 : end]))
        at = end + 4
    return data


# --- how it is looked at --------------------------------------------------------------


class Looking:
    """One decoding child that is given case after case; what it should not do is kept."""

    def __init__(self, place: Path, keep: Path, pool: DecoderPool | None = None) -> None:
        """`place` takes the file that is looked at, `keep` those that found something."""
        self._place = place
        self._keep = keep
        self._pool = pool or DecoderPool(1, TIMEOUT_S, gentle=False)
        self.outcome = Outcome()

    def close(self) -> None:
        self._pool.close()

    def run(self, made: Iterator[Case], seconds: float) -> Outcome:
        """Look at cases for so long."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.look(next(made))
        return self.outcome

    def look(self, each: Case) -> None:
        """Look at one case as indexing does, and now and then as the viewer does."""
        path = self._place / each.file_name
        path.write_bytes(each.data)
        beside = path.with_name(path.name + ".xmp")
        beside.write_bytes(each.sidecar)
        raw, began = os.fsencode(path), time.monotonic()
        reply = self._pool.look(LookRequest(raw, path.name, SPEC, bool(each.sidecar)))
        said = [reply.failure]
        if each.number % 8 == 0:
            said.append(self._pool.picture(PictureRequest(raw, 64)).failure)
        seconds = time.monotonic() - began
        path.unlink()
        beside.unlink()
        out = self.outcome
        peak = peak_bytes(self._pool)
        out.cases += 1
        out.opened += bool(reply.facts)
        out.kinds[each.file_name.rpartition(".")[2]] += 1
        out.slowest_s = max(out.slowest_s, seconds)
        out.peak_bytes = max(out.peak_bytes, peak)
        wrong = [_unfit(words) for words in said] + [
            f"it took {seconds:.1f} s" if seconds > SLOW_S else "",
            f"it took {peak / 1e9:.1f} GB" if peak > PEAK_BYTES else "",
            "neither a result nor a reason" if not reply.facts and not reply.failure else "",
        ]
        for what in filter(None, wrong):
            self._found(each, what)

    def _found(self, each: Case, what: str) -> None:
        self._keep.mkdir(parents=True, exist_ok=True)
        kept = self._keep / f"{each.number}-{each.file_name}"
        kept.write_bytes(each.data)
        if each.sidecar:
            kept.with_name(kept.name + ".xmp").write_bytes(each.sidecar)
        self.outcome.findings.append(Finding(each.number, each.name, what, kept))


def peak_bytes(pool: DecoderPool) -> int:
    """Return the most memory that an idle decoder ever had, and count anew; 0 without /proc."""
    for child in pool._idle:
        place = Path(f"/proc/{child.process.pid}")
        try:
            lines = (place / "status").read_text().splitlines()
            (place / "clear_refs").write_text("5")
        except OSError:
            return 0
        peak = next((line.split()[1] for line in lines if line.startswith("VmHWM")), "0")
        return int(peak) * 1024
    return 0


def _unfit(words: str) -> str:
    """Return what is wrong with a reason that is shown to the user, or nothing."""
    if not words:
        return ""
    trouble = ("crashed the decoder", "took longer", "It could not be read (", "Error:")
    if any(part in words for part in trouble):
        return words
    if not words.endswith(".") or "\n" in words or not words[0].isupper():
        return f"no sentence: {words!r}"
    return ""
