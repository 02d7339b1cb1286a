"""Which candidate files lie below a folder: names, sizes and times, no file is opened.

Knows nothing of what the library holds; comparing is the plan's work.
"""

from __future__ import annotations

import errno
import os
import stat
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Literal

from photosearch.media import sidecars
from photosearch.media.drives import mount_point
from photosearch.media.excluding import NOTHING, Exclusion
from photosearch.media.formats import is_candidate, is_skipped_dir
from photosearch.types import FileEntry, Listing

_Identity = tuple[int, int]  # st_dev, st_ino

_LAST_NS = 2**63 - 1
_WINDOWS = os.name == "nt"
_HIDDEN = 0x2  # FILE_ATTRIBUTE_HIDDEN
# What a link that leads nowhere, in circles, or through something that is no folder answers.
_NOWHERE = frozenset((errno.ENOENT, errno.ELOOP, errno.ENOTDIR))


def _no_check() -> None:
    return None


def scan(
    root: bytes, check: Callable[[], None] = _no_check, exclusion: Exclusion = NOTHING
) -> Iterator[Listing]:
    """List every directory below `root`, one `Listing` each, parents before children.

    What the exclusion leaves out is not there; such directories are not even listed.
    `check` is called once per directory and may raise to cancel.  Links are followed,
    after everything reached without them, so that a picture is known by its real place;
    no directory is listed twice, and none above the root is entered.
    """
    seen = _above(root)
    real: list[tuple[bytes, int]] = [(b"", -1)]  # a stack: each with the device around it
    linked: deque[tuple[bytes, int]] = deque()
    while real or linked:
        check()
        where, around = real.pop() if real else linked.popleft()
        path = os.path.join(root, where) if where else root
        try:
            identity = _identity(path)
            if identity in seen:
                continue
            seen.add(identity)
            listing, below, links = _list(path, where, exclusion)
        except OSError as error:
            yield Listing(dir=where, files=(), unreadable=_reason(error))
            continue
        device = identity[0]
        real.extend((each, device) for each in reversed(below))
        linked.extend((each, device) for each in links)
        yield listing if device == around else replace(listing, mount=mount_point(path))


def scan_dir(root: bytes, where: bytes, exclusion: Exclusion = NOTHING) -> Listing:
    """List one directory below `root` as `scan` would; one that is not there is empty."""
    if any(is_skipped_dir(part) for part in where.split(b"/")) or exclusion.covers(where):
        return Listing(dir=where, files=())
    path = os.path.join(root, where) if where else root
    try:
        return _list(path, where, exclusion)[0]
    except OSError as error:
        unreadable = "" if error.errno in _NOWHERE else _reason(error)
        return Listing(dir=where, files=(), unreadable=unreadable)


def scan_file(path: bytes) -> Listing:
    """List one file the user named; its name need not look like a picture's."""
    name = os.path.basename(path)
    try:
        info = os.stat(path)
    except OSError as error:
        return Listing(dir=b"", files=(), unreadable=_reason(error))
    if not stat.S_ISREG(info.st_mode):
        return Listing(dir=b"", files=(), unreadable="not a regular file")
    stamp = sidecars.stamp(name, _sidecar_times(path))
    entry = FileEntry(name, info.st_size, modified_ns(info), stamp)
    return Listing(b"", (entry,), mount=mount_point(path))


def modified_ns(info: os.stat_result) -> int:
    """Return when a file was changed, within what a library can hold: the years 1677 to 2262."""
    return max(-_LAST_NS, min(info.st_mtime_ns, _LAST_NS))


def _sidecar_times(path: bytes) -> dict[bytes, int]:
    """Return the times of the sidecars of one photo."""
    directory, name = os.path.split(path)
    times: dict[bytes, int] = {}
    for sidecar in sidecars.names_of(name):
        try:
            times[sidecar] = os.stat(os.path.join(directory, sidecar)).st_mtime_ns
        except OSError:
            continue
    return times


def reaches(place: bytes, single_file: bool, exclude: Sequence[str] = ()) -> bool:
    """Whether a scan comes to a place inside its root, or passes it over by its name."""
    *above, last = place.split(b"/")
    if any(is_skipped_dir(part) for part in above):
        return False
    exclusion = Exclusion(exclude)
    if exclusion.covers(b"/".join(above) if single_file else place):
        return False
    if single_file and exclusion.leaves_out(place, folder=False):
        return False
    return is_candidate(last) if single_file else not is_skipped_dir(last)


def root_state(root: bytes) -> Literal["online", "missing"]:
    """Tell whether the folder (or single file) can be reached now."""
    try:
        os.stat(root)
    except (OSError, ValueError):  # ValueError: a name with a NUL byte
        return "missing"
    return "online"


def volume_id(root: bytes) -> str:
    """Name the volume `root` lies on (on Windows its serial number), `""` when it is missing."""
    try:
        return f"{os.stat(root).st_dev:x}"
    except (OSError, ValueError):
        return ""


def _above(root: bytes) -> set[_Identity]:
    """Return the identities of all directories above `root`."""
    seen: set[_Identity] = set()
    path = os.path.realpath(root)
    while (parent := os.path.dirname(path)) != path:
        path = parent
        try:
            seen.add(_identity(path))
        except OSError:
            continue
    return seen


def _identity(path: bytes) -> _Identity:
    info = os.stat(path)
    return info.st_dev, info.st_ino


def _list(
    path: bytes, where: bytes, exclusion: Exclusion
) -> tuple[Listing, list[bytes], list[bytes]]:
    """Return a directory's listing, its real subdirectories and the linked ones, sorted."""
    files: list[FileEntry] = []
    below: list[bytes] = []
    links: list[bytes] = []
    times: dict[bytes, int] = {}  # of the sidecars
    trouble = ""
    prefix = where + b"/" if where else b""
    excludes = bool(exclusion)
    with os.scandir(path) as entries:
        for entry in entries:
            name = entry.name
            try:
                if entry.is_dir():
                    if (
                        not is_skipped_dir(name)
                        and not (_WINDOWS and _is_hidden(entry))
                        and not (excludes and exclusion.leaves_out(prefix + name, folder=True))
                    ):
                        (links if entry.is_symlink() else below).append(prefix + name)
                elif (
                    is_candidate(name)
                    and entry.is_file()
                    and not (_WINDOWS and _is_hidden(entry))
                    and not (excludes and exclusion.leaves_out(prefix + name, folder=False))
                ):
                    info = entry.stat()
                    files.append(FileEntry(name, info.st_size, modified_ns(info)))
                elif sidecars.is_sidecar(name):
                    times[name] = entry.stat().st_mtime_ns
            except OSError as error:
                # A file that vanished, or a link to nowhere, is not there.  Anything else
                # must be told: what is not listed would count as deleted.
                if error.errno not in _NOWHERE:
                    trouble = _reason(error)
    if times:
        files = [each._replace(sidecar_ns=sidecars.stamp(each.name, times)) for each in files]
    files.sort()  # names differ: nothing else decides
    below.sort()
    links.sort()
    return Listing(where, tuple(files), trouble), below, links


def _is_hidden(entry: os.DirEntry[bytes]) -> bool:
    # Windows tells the attributes with the listing: no further call.
    attributes = getattr(entry.stat(follow_symlinks=False), "st_file_attributes", 0)
    return bool(attributes & _HIDDEN)


def _reason(error: OSError) -> str:
    if isinstance(error, PermissionError):
        return "permission denied"
    return (error.strerror or str(error)).lower()
