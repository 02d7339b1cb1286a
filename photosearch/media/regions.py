"""Faces that other programs named, from the XMP packet in a file or beside it.

Knows the schemas of the Metadata Working Group (mwg-rs; digiKam, Lightroom, Picasa) and of
Microsoft (MP; digiKam writes both). Both give boxes of the stored picture, before it is turned
upright. Never fails: what is broken or hostile says nothing.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from xml.etree import ElementTree as Xml

from photosearch.names import fold
from photosearch.types import Box, FaceRegion

MAX_XMP_BYTES = 4 << 20  # a packet with hundreds of faces has a tenth of it
MAX_REGIONS = 1000  # faces of one photo; nobody names more
# XMP nests about a dozen deep; programs that note a long history write thousands of elements.
_MAX_DEPTH = 32
_MAX_ELEMENTS = 100_000

_RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
_DESCRIPTION = f"{_RDF}Description"
_MWG = "{http://www.metadataworkinggroup.com/schemas/regions/}"
_AREA = "{http://ns.adobe.com/xmp/sType/Area#}"
_SIZE = "{http://ns.adobe.com/xap/1.0/sType/Dimensions#}"
_MICROSOFT_LIST = (
    "{http://ns.microsoft.com/photo/1.2/}RegionInfo",
    "{http://ns.microsoft.com/photo/1.2/t/RegionInfo#}Regions",
)
_MICROSOFT = "{http://ns.microsoft.com/photo/1.2/t/Region#}"
_DIGIKAM = "http://www.digikam.org/ns/"
_SAME = 0.5  # boxes of one face by two programs overlap more than this


@dataclass(frozen=True, slots=True)
class Stored:
    """The picture as it lies in the file; `turn` is the EXIF orientation that puts it upright."""

    width: int
    height: int
    turn: int = 1


@dataclass(frozen=True, slots=True)
class _Found:
    name: str
    box: Box  # of the stored picture, unless `upright`
    source: str
    upright: bool = False


class _Builder(Xml.TreeBuilder):
    """Builds a tree of ordinary depth and size, so that no reader of it works for long."""

    def __init__(self) -> None:
        super().__init__()
        self._depth = self._count = 0

    def start(self, tag: str, attrs: dict[str, str], /) -> Xml.Element:
        self._depth += 1
        self._count += 1
        if self._depth > _MAX_DEPTH or self._count > _MAX_ELEMENTS:
            raise ValueError("a packet like none that is meant")
        return super().start(tag, attrs)

    def end(self, tag: str, /) -> Xml.Element:
        self._depth -= 1
        return super().end(tag)


def read_regions(packets: Iterable[bytes], stored: Stored) -> tuple[FaceRegion, ...]:
    """Return the named faces of XMP packets in fractions of the upright picture.

    The first packet that knows a name is believed: give the newest first. A face listed twice,
    in two packets or in two schemas, comes once.
    """
    kept: list[FaceRegion] = []
    for packet in packets:
        root = _parsed(packet)
        if root is None:
            continue
        digikam = _DIGIKAM in packet.decode("utf-8", "replace")
        for found in (_of_mwg(root, stored, digikam), _of_microsoft(root)):
            known = {fold(region.name) for region in kept}
            for each in islice(found, MAX_REGIONS):
                region = _upright(each, stored)
                if region is None or fold(region.name) in known:
                    continue
                if any(_overlap(region.box, other.box) > _SAME for other in kept):
                    continue
                kept.append(region)
                if len(kept) >= MAX_REGIONS:
                    return tuple(kept)
    return tuple(kept)


def turned_box(box: Box, turn: int) -> Box:
    """Return where a box of the stored picture lies in the upright one (EXIF orientation)."""
    x, y, width, height = box.x, box.y, box.width, box.height
    right, below = 1 - x - width, 1 - y - height
    if turn >= 5:
        width, height = height, width
    left, top = {
        1: (x, y),
        2: (right, y),
        3: (right, below),
        4: (x, below),
        5: (y, x),
        6: (below, x),
        7: (below, right),
        8: (y, right),
    }[turn]
    return Box(left, top, width, height)


def _parsed(packet: bytes) -> Xml.Element | None:
    """Return the tree of a packet that may hold regions, None for any other.

    A document type could declare entities that grow without bounds: XMP has none, and a packet
    with one is refused before it is parsed. Text is given to the parser, not bytes, so that no
    encoding can hide it.
    """
    if len(packet) > MAX_XMP_BYTES:
        return None
    wide = packet[:2] in (b"\xff\xfe", b"\xfe\xff")
    text = packet.decode("utf-16" if wide else "utf-8-sig", "replace").strip("\0 \t\r\n\ufeff")
    if "Regions" not in text or "<!DOCTYPE" in text or "<!ENTITY" in text:
        return None
    try:
        parser = Xml.XMLParser(target=_Builder())
        parser.feed(text)
        root: Xml.Element = parser.close()
    except (Xml.ParseError, ValueError):
        return None
    return root


# --- Metadata Working Group -------------------------------------------------------


def _of_mwg(root: Xml.Element, stored: Stored, digikam: bool) -> Iterator[_Found]:
    source = "digikam" if digikam else "mwg"
    for regions in _within(_properties(root), f"{_MWG}Regions"):
        size = next(iter(_within([regions], f"{_MWG}AppliedToDimensions")), None)
        width, height = (_number(size, f"{_SIZE}{side}") for side in "wh")
        upright = _is_of_upright(width, height, stored)
        for item in _items(_within([regions], f"{_MWG}RegionList")):
            if _value(item, f"{_MWG}Type").lower() != "face":
                continue
            area = next(iter(_within([item], f"{_MWG}Area")), None)
            box = _area(area, width, height)
            if box is not None:
                yield _Found(_value(item, f"{_MWG}Name"), box, source, upright)


def _area(area: Xml.Element | None, width: float | None, height: float | None) -> Box | None:
    """Return an area, which is told by its centre, as a box in fractions."""
    x, y, w, h = (_number(area, _AREA + side) for side in "xywh")
    if x is None or y is None or w is None or h is None:
        return None
    if area is not None and _value(area, f"{_AREA}unit").lower() == "pixel":
        if not width or not height:
            return None
        x, y, w, h = x / width, y / height, w / width, h / height
    return Box(x - w / 2, y - h / 2, w, h)


def _is_of_upright(width: float | None, height: float | None, stored: Stored) -> bool:
    """Whether the boxes are of the picture turned upright: some programs say so by its size."""
    if stored.turn < 5 or not width or not height or stored.width == stored.height:
        return False
    return (width > height) != (stored.width > stored.height)


# --- Microsoft --------------------------------------------------------------------


def _of_microsoft(root: Xml.Element) -> Iterator[_Found]:
    for item in _items(_within(_properties(root), *_MICROSOFT_LIST)):
        numbers = [_finite(part) for part in _value(item, f"{_MICROSOFT}Rectangle").split(",")]
        if len(numbers) != 4:
            continue
        x, y, w, h = numbers
        if x is None or y is None or w is None or h is None:
            continue
        name = _value(item, f"{_MICROSOFT}PersonDisplayName")
        yield _Found(name, Box(x, y, w, h), "microsoft")


# --- values -----------------------------------------------------------------------


def _properties(root: Xml.Element) -> list[Xml.Element]:
    """Return the nodes of a packet whose properties are those of the picture."""
    rdf = [root] if root.tag == f"{_RDF}RDF" else root.findall(f"{_RDF}RDF")
    return [node for each in rdf for node in each.findall(_DESCRIPTION)]


def _within(nodes: Iterable[Xml.Element], *path: str) -> list[Xml.Element]:
    """Return the elements at a path below nodes; each step may have an `rdf:Description` on the
    way to it, as the two ways of writing a structure differ by that."""
    found = list(nodes)
    for name in path:
        holders = (h for node in found for h in (node, *node.findall(_DESCRIPTION)))
        found = [child for holder in holders for child in holder.findall(name)]
    return found


def _items(lists: Iterable[Xml.Element]) -> Iterator[Xml.Element]:
    """Return the first items of lists: nobody names more faces than are looked at."""
    found = (
        item
        for listed in lists
        for kind in ("Bag", "Seq", "Alt")
        for container in listed.findall(f"{_RDF}{kind}")
        for item in container.findall(f"{_RDF}li")
    )
    return islice(found, MAX_REGIONS)


def _value(node: Xml.Element, name: str) -> str:
    """Return a property, written as an attribute or as an element, of a node or of the
    `rdf:Description` in it."""
    for holder in (node, *node.findall(_DESCRIPTION)):
        value = holder.get(name)
        if value is None:
            value = holder.findtext(name)
        if value is not None:
            return value.strip()
    return ""


def _number(node: Xml.Element | None, name: str) -> float | None:
    return None if node is None else _finite(_value(node, name))


def _finite(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _upright(found: _Found, stored: Stored) -> FaceRegion | None:
    """Return the region clipped to the upright picture; None without a name or a face in it."""
    name = "".join(letter if letter.isprintable() else " " for letter in found.name)
    name = " ".join(name.split())[:120]
    box = found.box if found.upright else turned_box(found.box, stored.turn)
    left, top = max(0.0, box.x), max(0.0, box.y)
    right, below = min(1.0, box.x + box.width), min(1.0, box.y + box.height)
    if not name or right - left <= 0 or below - top <= 0:
        return None
    return FaceRegion(Box(left, top, right - left, below - top), name, found.source)


def _overlap(one: Box, other: Box) -> float:
    """Return the common part of two boxes as a share of all they cover."""
    width = min(one.x + one.width, other.x + other.width) - max(one.x, other.x)
    height = min(one.y + one.height, other.y + other.height) - max(one.y, other.y)
    if width <= 0 or height <= 0:
        return 0.0
    common = width * height
    return common / (one.width * one.height + other.width * other.height - common)
