"""XMP files beside photos: `IMG.jpg.xmp` (digiKam, darktable) and `IMG.xmp` (Lightroom).

Knows names only; what is in them `regions` knows.
"""

from __future__ import annotations

from collections.abc import Mapping

_ENDING = b".xmp"


def is_sidecar(name: bytes) -> bool:
    """Tell whether a file of this name describes a photo beside it."""
    return name[-4:].lower() == _ENDING and len(name) > 4


def names_of(photo: bytes) -> tuple[bytes, ...]:
    """Return the names a photo's sidecars may have, those meant for it alone first."""
    stem, dot, _ = photo.rpartition(b".")
    alone = stem if dot and stem else photo
    return tuple(dict.fromkeys(base + end for base in (photo, alone) for end in (_ENDING, b".XMP")))


def stamp(photo: bytes, times: Mapping[bytes, int]) -> int:
    """Return a number that changes when a sidecar of a photo comes, changes or goes; 0: none.

    `times` are the times of the sidecars in the photo's directory, by name.
    """
    found = [times[name] for name in names_of(photo) if name in times]
    if not found:
        return 0
    return sum(found) % (1 << 62) or 1
