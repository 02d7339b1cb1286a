"""What choosing another search model would take: download, photos to do, time, disk."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

from photosearch.media.photo_thumbs import LONG_SIDE_PX, SHORT_SIDE_PX
from photosearch.paths import Paths
from photosearch.store import Store
from photosearch.types import CatalogueEntry, FolderId, ModelInfo, Speed, SwitchCost

SpeedOf = Callable[[CatalogueEntry | None, str], Speed | None]
GRAPH_FROM = 50_000  # photos; below there is no graph on disk (`index.hybrid`)
_GRAPH_ROW_BYTES = 190  # beside the vector: links to 32 others, labels (225 MB for 100,000 x 512)


def cost_of(
    name: str,
    *,
    model: ModelInfo | None,
    entry: CatalogueEntry | None,
    speed: Speed | None,
    store: Store,
    paths: Paths,
) -> SwitchCost:
    """Return the cost of a model that is here, or that the catalogue knows."""
    dimension = model.dimension if model else entry.dimension if entry else 0
    number = store.embeddings.find_model(model.key) if model else None
    input_px = _input_px(model, entry)
    if input_px > SHORT_SIDE_PX:
        outlook = store.models.outlook(number, SHORT_SIDE_PX, LONG_SIDE_PX, _away(store))
    else:
        outlook = store.models.waiting(number)
    download = 0 if model else entry.download_bytes if entry else 0
    there = store.embeddings.count(model.key) if model else 0
    files = model.bytes_on_disk if model else download
    return SwitchCost(
        name=name,
        download_bytes=download,
        photos=outlook.photos,
        seconds=outlook.photos / speed.per_second if speed and speed.per_second else None,
        disk_bytes=files + vector_bytes(there + outlook.photos, dimension),
        free_bytes=_free(paths.data),
        from_originals=outlook.originals,
        unreachable=outlook.unreachable,
    )


def vector_bytes(photos: int, dimension: int) -> int:
    """Return what vectors take in the library, and the graph that finds them quickly."""
    graph = photos * (4 * dimension + _GRAPH_ROW_BYTES) if photos >= GRAPH_FROM else 0
    return photos * 2 * dimension + graph


def _input_px(model: ModelInfo | None, entry: CatalogueEntry | None) -> int:
    if model is not None:
        return max(model.preprocess.height, model.preprocess.width)
    return entry.input_px if entry else 0


def _away(store: Store) -> tuple[FolderId, ...]:
    """Return the folders whose drive is not there now."""
    return tuple(
        root.id for root in store.folders.roots() if root.offline or not _is_there(root.path)
    )


def _is_there(path: bytes) -> bool:
    return os.path.exists(path)


def _free(folder: Path) -> int:
    try:
        return shutil.disk_usage(folder).free
    except OSError:
        return 0
