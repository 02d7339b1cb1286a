"""Names that other programs gave to faces, in files and beside them."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from PIL import Image

from photosearch.media.decode import open_picture
from photosearch.media.metadata import read_facts
from photosearch.media.regions import MAX_XMP_BYTES, Stored, read_regions, turned_box
from photosearch.types import Box, FaceRegion

STORED = Stored(800, 600)
_HEAD = (
    '<x:xmpmeta xmlns:x="adobe:ns:meta/">'
    '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    '<rdf:Description rdf:about=""'
    ' xmlns:mwg-rs="http://www.metadataworkinggroup.com/schemas/regions/"'
    ' xmlns:stArea="http://ns.adobe.com/xmp/sType/Area#"'
    ' xmlns:stDim="http://ns.adobe.com/xap/1.0/sType/Dimensions#"'
    ' xmlns:MP="http://ns.microsoft.com/photo/1.2/"'
    ' xmlns:MPRI="http://ns.microsoft.com/photo/1.2/t/RegionInfo#"'
    ' xmlns:MPReg="http://ns.microsoft.com/photo/1.2/t/Region#">'
)
_TAIL = "</rdf:Description></rdf:RDF></x:xmpmeta>"


def mwg(*items: str, size: tuple[int, int] = (800, 600)) -> str:
    return (
        '<mwg-rs:Regions rdf:parseType="Resource">'
        f'<mwg-rs:AppliedToDimensions stDim:w="{size[0]}" stDim:h="{size[1]}"/>'
        f"<mwg-rs:RegionList><rdf:Bag>{''.join(items)}</rdf:Bag></mwg-rs:RegionList>"
        "</mwg-rs:Regions>"
    )


def face(name: str, *area_of: float, kind: str = "Face") -> str:
    x, y, w, h = area_of
    area = f'<mwg-rs:Area stArea:x="{x}" stArea:y="{y}" stArea:w="{w}" stArea:h="{h}"/>'
    return (
        f'<rdf:li><rdf:Description mwg-rs:Name="{name}" mwg-rs:Type="{kind}">{area}'
        "</rdf:Description></rdf:li>"
    )


def microsoft(name: str, rectangle: str) -> str:
    return (
        '<MP:RegionInfo rdf:parseType="Resource"><MPRI:Regions><rdf:Bag>'
        f'<rdf:li MPReg:PersonDisplayName="{name}" MPReg:Rectangle="{rectangle}"/>'
        "</rdf:Bag></MPRI:Regions></MP:RegionInfo>"
    )


def packet(*parts: str) -> bytes:
    return (_HEAD + "".join(parts) + _TAIL).encode()


def rounded(box: Box) -> tuple[float, ...]:
    return tuple(round(value, 4) for value in (box.x, box.y, box.width, box.height))


def shown(regions: tuple[FaceRegion, ...]) -> list[tuple[str, tuple[float, ...]]]:
    return [(region.name, rounded(region.box)) for region in regions]


@pytest.mark.parametrize("name", ["portrait.jpg", "portrait-orientation-6.jpg"])
def test_the_same_faces_however_the_picture_is_stored(photos: Path, name: str) -> None:
    path = photos / "formats/immich/metadata/faces" / name
    facts = read_facts(open_picture(path.read_bytes()), name, 0)
    assert (facts.width, facts.height) == (840, 700)
    assert shown(facts.regions) == [
        ("Marie Curie", (0.3119, 0.2086, 0.1131, 0.1986)),
        ("Pierre Curie", (0.6393, 0.1186, 0.0964, 0.2414)),
    ], "each once, though they are listed in two schemas"


def test_a_sidecar_is_read(photos: Path) -> None:
    folder = photos / "edge/xmp_sidecar"
    picture = open_picture((folder / "photo.jpg").read_bytes())
    facts = read_facts(picture, "photo.jpg", 0, [(folder / "photo.jpg.xmp").read_bytes()])
    assert shown(facts.regions) == [("Person A", (0.4, 0.25, 0.2, 0.3))]
    broken = read_facts(picture, "photo.jpg", 0, [(folder / "broken.jpg.xmp").read_bytes()])
    assert broken.regions == ()


@pytest.mark.parametrize("turn", range(1, 9))
def test_boxes_turn_like_the_pixels(turn: int) -> None:
    from photosearch.media.pixels import turned

    image = Image.new("L", (80, 60))
    image.paste(255, (8, 12, 24, 18))
    box = turned_box(Box(0.1, 0.2, 0.2, 0.1), turn)
    upright = turned(image, turn)
    left, top, right, below = upright.getbbox() or (0, 0, 0, 0)
    assert (box.x * upright.width, box.y * upright.height) == pytest.approx((left, top))
    assert ((box.x + box.width) * upright.width) == pytest.approx(right)
    assert ((box.y + box.height) * upright.height) == pytest.approx(below)


def test_boxes_of_the_upright_picture_are_not_turned_again() -> None:
    data = packet(mwg(face("Ann", 0.5, 0.25, 0.2, 0.1), size=(600, 800)))
    turned_by_us = read_regions([data], Stored(600, 800, 6))
    upright_already = read_regions([data], Stored(800, 600, 6))
    assert shown(turned_by_us) == [("Ann", (0.7, 0.4, 0.1, 0.2))]
    assert shown(upright_already) == [("Ann", (0.4, 0.2, 0.2, 0.1))]


def test_only_named_faces_count() -> None:
    data = packet(
        mwg(
            face("Rex", 0.5, 0.5, 0.1, 0.1, kind="Pet"),
            face("", 0.2, 0.2, 0.1, 0.1),
            face("Focus", 0.2, 0.2, 0.1, 0.1, kind="Focus"),
            face("Ann", 0.8, 0.8, 0.1, 0.1),
        )
    )
    assert [region.name for region in read_regions([data], STORED)] == ["Ann"]


def test_the_newest_packet_is_believed() -> None:
    sidecar = packet(mwg(face("Ann Lee", 0.5, 0.5, 0.2, 0.2)))
    inside = packet(mwg(face("Ann", 0.51, 0.5, 0.2, 0.2), face("Ben", 0.1, 0.1, 0.1, 0.1)))
    assert [r.name for r in read_regions([sidecar, inside], STORED)] == ["Ann Lee", "Ben"]


def test_a_mirror_shows_somebody_twice() -> None:
    data = packet(mwg(face("Ann", 0.2, 0.5, 0.1, 0.1), face("Ann", 0.8, 0.5, 0.1, 0.1)))
    assert len(read_regions([data], STORED)) == 2


def test_microsoft_alone() -> None:
    (region,) = read_regions([packet(microsoft("Ann", "0.1, 0.2, 0.3, 0.4"))], STORED)
    assert (rounded(region.box), region.source) == ((0.1, 0.2, 0.3, 0.4), "microsoft")


def test_boxes_are_clipped_and_nonsense_is_passed_over() -> None:
    data = packet(
        mwg(face("Edge", 0.0, 0.5, 0.2, 0.2), face("Out", 3, 3, 0.1, 0.1)),
        microsoft("Nan", "nan, 0, 1, 1"),
        microsoft("Few", "0.1, 0.2"),
        microsoft("Minus", "0.5, 0.5, -0.1, 0.1"),
    )
    assert shown(read_regions([data], STORED)) == [("Edge", (0.0, 0.4, 0.1, 0.2))]


def test_areas_in_pixels() -> None:
    area = (
        '<rdf:li rdf:parseType="Resource"><mwg-rs:Name>Ann</mwg-rs:Name>'
        "<mwg-rs:Type>Face</mwg-rs:Type><mwg-rs:Area stArea:x='400' stArea:y='300'"
        " stArea:w='80' stArea:h='60' stArea:unit='pixel'/></rdf:li>"
    )
    assert shown(read_regions([packet(mwg(area))], STORED)) == [("Ann", (0.45, 0.45, 0.1, 0.1))]


@pytest.mark.parametrize(
    "hostile",
    [
        b'<!DOCTYPE a [<!ENTITY b "bbbbbbbb"><!ENTITY c "&b;&b;&b;&b;&b;&b;">]>'
        + packet(mwg(face("&c;", 0.5, 0.5, 0.1, 0.1))),
        b"\xff\xfe"
        + ('<!DOCTYPE a SYSTEM "file:///etc/passwd">' + packet(mwg()).decode()).encode("utf-16-le"),
        packet(mwg(face("Ann", 0.5, 0.5, 0.1, 0.1)))[:-20],
        b"Regions " + bytes(range(256)) * 10,
        b"<Regions>" * 100_000,
        b"<a>Regions" + b" " * MAX_XMP_BYTES + b"</a>",
        b'<?xml version="1.0" encoding="utf-7"?><Regions/>',
        b"",
    ],
    ids=["bomb", "utf-16", "cut", "rubbish", "deep", "huge", "utf-7", "empty"],
)
def test_hostile_packets_say_nothing(hostile: bytes) -> None:
    assert read_regions([hostile], STORED) == ()


@pytest.mark.parametrize(
    "hostile",
    [
        packet(
            "<mwg-rs:Regions>" * 700
            + "<mwg-rs:RegionList>" * 700
            + "<rdf:li>" * 700
            + "</rdf:li>" * 700
            + "</mwg-rs:RegionList>" * 700
            + "</mwg-rs:Regions>" * 700
        ),
        packet(mwg("<rdf:li><rdf:Description>" * 900 + "</rdf:Description></rdf:li>" * 900)),
        packet("<mwg-rs:Regions/>" * 150_000),
        packet(mwg(*(face(f"N{n}", 0.5, 0.5, 0.1, 0.1) for n in range(20_000)))),
    ],
    ids=["lists in lists", "items in items", "many lists", "many items"],
)
def test_no_packet_takes_long(hostile: bytes) -> None:
    """A decoder that works for 40 s on a sidecar is ended, and the photo would be lost."""
    began = time.process_time()
    assert len(read_regions([hostile], STORED)) <= 1
    assert time.process_time() - began < 5


def test_only_so_many_faces_are_looked_at() -> None:
    beside = (face(f"N{n}", n / 2000, 0.5, 0.0001, 0.1) for n in range(1200))
    assert len(read_regions([packet(mwg(*beside))], STORED)) == 1000


def test_a_picture_with_a_long_history_keeps_its_faces() -> None:
    history = f"<MP:History><rdf:Seq>{'<rdf:li>saved</rdf:li>' * 20_000}</rdf:Seq></MP:History>"
    data = packet(history, mwg(face("Ann", 0.5, 0.25, 0.2, 0.1)))
    assert [region.name for region in read_regions([data], STORED)] == ["Ann"]


def test_structures_written_as_descriptions() -> None:
    """The long way of writing: a description in every structure, properties as elements."""
    area = "<rdf:Description stArea:x='0.5' stArea:y='0.5' stArea:w='0.1' stArea:h='0.1'/>"
    item = (
        "<rdf:li><rdf:Description><mwg-rs:Name>Ann</mwg-rs:Name><mwg-rs:Type>Face</mwg-rs:Type>"
        f"<mwg-rs:Area>{area}</mwg-rs:Area></rdf:Description></rdf:li>"
    )
    listed = f"<mwg-rs:RegionList><rdf:Seq>{item}</rdf:Seq></mwg-rs:RegionList>"
    size = "<mwg-rs:AppliedToDimensions><rdf:Description stDim:w='600' stDim:h='800'/>"
    data = packet(
        f"<mwg-rs:Regions><rdf:Description>{size}</mwg-rs:AppliedToDimensions>{listed}"
        "</rdf:Description></mwg-rs:Regions>",
        "<MP:RegionInfo><rdf:Description><MPRI:Regions><rdf:Bag><rdf:li>"
        "<rdf:Description MPReg:PersonDisplayName='Ben' MPReg:Rectangle='0.1, 0.2, 0.3, 0.2'/>"
        "</rdf:li></rdf:Bag></MPRI:Regions></rdf:Description></MP:RegionInfo>",
    )
    assert [region.name for region in read_regions([data], STORED)] == ["Ann", "Ben"]


@pytest.mark.parametrize("ending", ["JPEG", "PNG", "TIFF", "WEBP", "HEIF", "AVIF"])
def test_every_format_that_carries_xmp(tmp_path: Path, ending: str) -> None:
    from PIL.PngImagePlugin import PngInfo
    from PIL.TiffImagePlugin import ImageFileDirectory_v2
    from pillow_heif import from_pillow

    data = packet(mwg(face("Ann", 0.5, 0.25, 0.2, 0.1)))
    image = Image.new("RGB", (160, 120), "white")
    path = tmp_path / "picture"
    extra: dict[str, object] = {"xmp": data}
    if ending == "PNG":
        info = PngInfo()
        info.add_itxt("XML:com.adobe.xmp", data.decode())
        extra = {"pnginfo": info}
    if ending == "TIFF":
        tags = ImageFileDirectory_v2()
        tags[700] = data
        tags[0x0112] = 6
        extra = {"tiffinfo": tags}
    if ending == "HEIF":
        from_pillow(image).save(path, xmp=data)
    else:
        image.save(path, ending, **extra)
    facts = read_facts(open_picture(path.read_bytes()), "picture", 0)
    expected = (0.7, 0.4, 0.1, 0.2) if ending == "TIFF" else (0.4, 0.2, 0.2, 0.1)
    assert shown(facts.regions) == [("Ann", expected)]
