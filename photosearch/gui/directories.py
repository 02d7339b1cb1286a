"""The directories below a folder as a tree: what lies in what, and how many photos in all.

Made beside the window and only looked up in it; knows no widget.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from photosearch.types import Subfolder

_Paths = Mapping[bytes, tuple[bytes, ...]]


@dataclass(frozen=True, slots=True)
class Directories:
    """Paths are relative to the folder, whose own path is empty."""

    totals: Mapping[bytes, int]  # photos in each directory and all below it
    _below: _Paths

    @staticmethod
    def of(subfolders: Iterable[Subfolder]) -> Directories:
        """Make the tree of what directly holds photos."""
        totals: dict[bytes, int] = {}
        for sub in subfolders:
            path = sub.dir
            while path:
                totals[path] = totals.get(path, 0) + sub.photos
                path = path.rpartition(b"/")[0]
        below: dict[bytes, list[bytes]] = {}
        for path in sorted(totals, key=bytes.lower):
            below.setdefault(path.rpartition(b"/")[0], []).append(path)
        return Directories(totals, {path: tuple(inside) for path, inside in below.items()})

    def below(self, path: bytes) -> tuple[bytes, ...]:
        """Return the directories directly in one, as they are shown: by name."""
        return self._below.get(path, ())

    def has(self, path: bytes) -> bool:
        """Whether there is such a directory; the folder itself always is one."""
        return not path or path in self.totals

    def changed(self, before: Directories) -> list[bytes]:
        """Return which directories came, went or have another number of photos, parents first."""
        if before is self:
            return []
        return sorted({path for path, _photos in self.totals.items() ^ before.totals.items()})
