"""Documents as text and back. What is damaged in one is left out, and the rest is had."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from typing import Any, Final, TypeVar

from photosearch.store.keeping.document import (
    FORMAT,
    VERSION,
    Document,
    SaidFace,
    SaidFolder,
    SaidPerson,
    SaidPhoto,
    SaidRegion,
    SaidVerdict,
    UnreadableError,
)
from photosearch.types import Box

HEAD_BYTES: Final = 1024  # what `state_of` needs
_LAST: Final = '"checksum": '
_FAR: Final = 2  # no side of a box is longer, none lies further out
_LARGEST: Final = 2**53  # also what other programs can read of a number
_T = TypeVar("_T")


# --- writing ---


def lines(document: Document, photos: Iterable[SaidPhoto] = ()) -> Iterator[str]:
    """Yield the text of a document in parts; `photos` come after those in it, one by one."""
    digest = hashlib.blake2b(digest_size=16)
    for part in _body(document, chain(document.photos, photos)):
        digest.update(part.encode())
        yield part
    yield f'{_LAST}"{digest.hexdigest()}"\n}}\n'


def _body(document: Document, photos: Iterable[SaidPhoto]) -> Iterator[str]:
    yield "{\n"
    head: dict[str, object] = {"format": FORMAT, "version": VERSION, "written": document.written}
    head |= {"said": document.said}
    head |= {"state": document.state, "action": document.action, "owner": document.owner}
    if document.program:
        head |= {"program": document.program, "settings": dict(document.settings)}
    yield from (f"{_json(name)}: {_json(value)},\n" for name, value in head.items())
    yield from _listed("folders", map(_folder, document.folders))
    yield from _listed("people", map(_person, document.people))
    yield from _listed("photos", map(_photo, photos))


def _listed(name: str, entries: Iterable[dict[str, Any]]) -> Iterator[str]:
    yield f'"{name}": ['
    between = "\n"
    for entry in entries:
        yield between + _json(entry)
        between = ",\n"
    yield "\n],\n"


def _json(value: object) -> str:
    """Return one entry, with letters as they are unless a path in it is no text."""
    shown = json.dumps(value, ensure_ascii=False)
    try:
        shown.encode()
    except UnicodeEncodeError:
        return json.dumps(value)
    return shown


def _folder(folder: SaidFolder) -> dict[str, Any]:
    return {
        "path": os.fsdecode(folder.path),
        "single_file": folder.single_file,
        "volume": folder.volume,
        "faces": folder.faces,
        "search": folder.search,
        "exclude": list(folder.exclude),
    }


def _person(person: SaidPerson) -> dict[str, Any]:
    names = ("id", "name", "hidden", "stranger", "birthday", "at")
    return {name: getattr(person, name) for name in names}


def _photo(photo: SaidPhoto) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "hash": photo.hash.hex(),
        "bytes": photo.size,
        "width": photo.width,
        "height": photo.height,
        "files": [[folder, os.fsdecode(path)] for folder, path in photo.files],
    }
    if photo.favourite is not None:
        entry["favourite"] = photo.favourite
    if photo.faces:
        entry["faces"] = [_face(face) for face in photo.faces]
    if photo.regions:
        entry["regions"] = [[r.name, *_sides(r.box), r.source] for r in photo.regions]
    return entry


def _face(face: SaidFace) -> dict[str, Any]:
    names = ("says", "person", "source", "called", "at")
    return {
        "box": _sides(face.box),
        "frame": face.frame,
        "drawn": face.drawn,
        "moved": face.moved,
        "cover_of": list(face.cover_of),
        "verdicts": [{name: getattr(each, name) for name in names} for each in face.verdicts],
    }


def _sides(box: Box) -> list[float]:
    return [box.x, box.y, box.width, box.height]


# --- reading ---


def state_of(head: bytes) -> str:
    """Return the `state` of a document from its first bytes, "" where it has none."""
    found = re.search(rb'^"state": "([0-9a-f]*)",$', head, re.MULTILINE)
    return found[1].decode("ascii") if found else ""


def action_of(head: bytes) -> int:
    """Return the `action` of a document likewise, 0 where it has none."""
    found = re.search(rb'^"action": (\d+),$', head, re.MULTILINE)
    return int(found[1]) if found else 0


def written_of(head: bytes) -> tuple[str, int]:
    """Return `written` and `said` of a document likewise; nothing where it has none."""
    found = re.search(rb'^"written": "([^"]*)",\n"said": (\d+),$', head, re.MULTILINE)
    return (found[1].decode("ascii", "replace"), int(found[2])) if found else ("", 0)


def parse(text: bytes) -> Document:
    """Read a document; entries that make no sense are left out and counted.

    `UnreadableError` says why there is nothing to be had.
    """
    _check(text)
    try:
        content = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UnreadableError(f"it is no whole JSON document ({error})") from error
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise UnreadableError("it does not hold what was said in PhotoSearch")
    version = content.get("version")
    if not isinstance(version, int) or version > VERSION:
        raise UnreadableError("it was written by a newer PhotoSearch")
    settings = content.get("settings")
    folders, bad_folders = _entries(content.get("folders"), _read_folder)
    people, bad_people = _entries(content.get("people"), _read_person)
    photos, bad_photos = _entries(content.get("photos"), _read_photo)
    return Document(
        folders=folders,
        people=people,
        photos=photos,
        written=str(content.get("written", "")),
        said=_number(content.get("said")),
        state=str(content.get("state", "")),
        action=_number(content.get("action")),
        owner=_number(content.get("owner")),
        program=str(content.get("program", "")),
        settings=tuple(settings.items()) if isinstance(settings, dict) else (),
        damaged=bad_folders + bad_people + bad_photos,
    )


def _check(text: bytes) -> None:
    """Compare the checksum, where there is one."""
    at = text.rfind(b"\n" + _LAST.encode("ascii"))
    found = re.match(rb'"checksum": "([0-9a-f]{32})"\s*}\s*$', text[at + 1 :]) if at >= 0 else None
    if found is None:
        return
    if hashlib.blake2b(text[: at + 1], digest_size=16).hexdigest() != found[1].decode("ascii"):
        raise UnreadableError("its checksum does not fit")


def _entries(found: object, read: Callable[[Any], _T]) -> tuple[tuple[_T, ...], int]:
    good: list[_T] = []
    entries = found if isinstance(found, list) else []
    for entry in entries:
        try:
            good.append(read(entry))
        except (ValueError, TypeError, KeyError, IndexError, AttributeError):
            continue
    return tuple(good), len(entries) - len(good)


def _read_folder(entry: dict[str, Any]) -> SaidFolder:
    return SaidFolder(
        path=os.fsencode(_text(entry["path"])),
        single_file=bool(entry.get("single_file", False)),
        volume=_word(entry.get("volume", "")),
        faces=bool(entry.get("faces", True)),
        search=bool(entry.get("search", True)),
        exclude=tuple(_text(each) for each in entry.get("exclude", ())),
    )


def _read_person(entry: dict[str, Any]) -> SaidPerson:
    birthday = entry.get("birthday")
    return SaidPerson(
        id=_whole(entry["id"]),
        name=_word(entry.get("name", "")),
        hidden=bool(entry.get("hidden", False)),
        stranger=bool(entry.get("stranger", False)),
        birthday=None if birthday is None else _word(birthday),
        at=_word(entry.get("at", "")),
    )


def _read_photo(entry: dict[str, Any]) -> SaidPhoto:
    favourite = entry.get("favourite")
    return SaidPhoto(
        hash=bytes.fromhex(entry["hash"]),
        size=_whole(entry.get("bytes", 0)),
        width=_whole(entry.get("width", 0)),
        height=_whole(entry.get("height", 0)),
        files=tuple((_whole(f[0]), os.fsencode(_text(f[1]))) for f in entry.get("files", ())),
        favourite=None if favourite is None else _word(favourite),
        faces=tuple(_read_face(each) for each in entry.get("faces", ())),
        regions=tuple(
            SaidRegion(_word(each[0]), _box(each[1:5]), _word(each[5]))
            for each in entry.get("regions", ())
        ),
    )


def _read_face(entry: dict[str, Any]) -> SaidFace:
    return SaidFace(
        box=_box(entry["box"]),
        verdicts=tuple(_read_verdict(each) for each in entry.get("verdicts", ())),
        cover_of=tuple(_whole(each) for each in entry.get("cover_of", ())),
        frame=_whole(entry.get("frame", 0)),
        drawn=bool(entry.get("drawn", False)),
        moved=_whole(entry.get("moved", 0)),
    )


def _read_verdict(entry: dict[str, Any]) -> SaidVerdict:
    says, person = entry["says"], entry.get("person")
    if says not in ("is", "is not", "no face") or (person is None) != (says == "no face"):
        raise ValueError(says)
    source = entry.get("source", "face")
    if source not in ("face", "group", "file"):
        raise ValueError(source)
    return SaidVerdict(
        says=says,
        person=None if person is None else _whole(person),
        source=source,
        called=None if entry.get("called") is None else _word(entry["called"]),
        at=_word(entry.get("at", "")),
    )


def _box(sides: Iterable[Any]) -> Box:
    x, y, width, height = (float(side) for side in sides)
    if not (0 < width <= _FAR and 0 < height <= _FAR and abs(x) <= _FAR and abs(y) <= _FAR):
        raise ValueError("not a box")
    return Box(x, y, width, height)


def _number(value: Any) -> int:
    """Return a number of the head; 0 where there is none."""
    try:
        return _whole(value)
    except (TypeError, ValueError):
        return 0


def _whole(value: Any) -> int:
    if not isinstance(value, int):
        raise TypeError(value)
    if not -_LARGEST <= value <= _LARGEST:
        raise ValueError(value)
    return int(value)


def _word(value: Any) -> str:
    """Return text that the library can hold, which paths are not always."""
    _text(value).encode()
    return str(value)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(value)
    return value
