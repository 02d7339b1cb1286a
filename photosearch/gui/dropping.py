"""What a drag brings from outside: local files and folders, whatever their names are."""

from __future__ import annotations

import os
from urllib.parse import unquote_to_bytes

from PySide6.QtCore import QMimeData, QUrl


def dropped_paths(mime: QMimeData) -> tuple[str, ...]:
    """Return the local files and folders that a drag carries, in `os.fsdecode` form."""
    return tuple(local_path(url) for url in mime.urls() if url.isLocalFile())


def local_path(url: QUrl) -> str:
    """Return a URL's path; names that are not UTF-8 survive on systems that have them."""
    if os.name == "nt":
        return os.path.normpath(url.toLocalFile())
    encoded = url.path(QUrl.ComponentFormattingOption.FullyEncoded).encode("ascii")
    return os.fsdecode(unquote_to_bytes(encoded)).rstrip("/") or "/"
