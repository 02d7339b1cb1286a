"""The first stage: each pending file becomes a photo with facts and a thumbnail."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from photosearch.engine.requests import LookReply, LookRequest
from photosearch.indexing.away import Away, lies_in
from photosearch.indexing.tools import Tools
from photosearch.indexing.windowed import windowed
from photosearch.store.files import PendingFile, full_path
from photosearch.store.looks import Looked, Written
from photosearch.types import FileId, Pixels


@dataclass(frozen=True, slots=True)
class Slice:
    """The files looked at in one turn, and model inputs by content hash."""

    count: int
    last: FileId
    inputs: Mapping[bytes, Pixels]


_BATCH = 32
_BATCH_S = 0.5  # photos show up at least this often


def look_at(tools: Tools, state: str, after: FileId, limit: int, written: Written) -> Slice | None:
    """Look at up to `limit` files of a state beyond `after`; return None when none wait.

    What was done is added to `written`.
    """
    files = tools.store.files.pending(after, limit, state)
    if not files:
        return None
    spec = tools.model.preprocess if tools.model else None

    def prepare(file: PendingFile) -> LookReply:
        path = full_path(file.root, file.single_file, file.dir, file.name)
        return tools.decoder.look(LookRequest(path, os.fsdecode(file.name), spec, file.has_sidecar))

    inputs: dict[bytes, Pixels] = {}
    batch: list[tuple[PendingFile, LookReply]] = []
    away, since = Away(tools.store), time.monotonic()
    for file, reply in windowed(tools.executor, prepare, files, tools.ahead):
        if reply.unread and _went_away(tools, away, file, written):
            continue
        batch.append((file, reply))
        if reply.pixels is not None:
            inputs[reply.hash] = reply.pixels
        if len(batch) >= _BATCH or time.monotonic() - since > _BATCH_S:
            _write(tools, batch, written)
            batch, since = [], time.monotonic()
            tools.check()
    _write(tools, batch, written)
    return Slice(len(files), files[-1].id, inputs)


def _went_away(tools: Tools, away: Away, file: PendingFile, written: Written) -> bool:
    """Whether a file could not be read because its drive is not there: it waits for it then.

    If that holds the whole folder, it is offline from now on, so no more of its files are tried.
    """
    if file.root in written.away:
        return True
    for root in tools.store.folders.roots():
        if root.path != file.root:
            continue
        if not tools.answering.answers(root.path) or away.is_away(root):
            tools.store.folders.set_seen(root.id, offline=True)
            written.away.add(root.path)
            return True
        return lies_in(file.dir, away.missing_drives(root))
    return False


def _write(tools: Tools, batch: list[tuple[PendingFile, LookReply]], written: Written) -> None:
    if not batch:
        return
    # The thumbnails first: a photo that is in the library has one.
    tools.thumbs.put_many((r.hash, r.thumbnail) for _, r in batch if r.thumbnail)
    failed, shown = written.failed, written.shown
    tools.store.photos.record(
        [
            Looked(
                file=file.id,
                hash=reply.hash,
                size=reply.size,
                mtime_ns=reply.mtime_ns,
                facts=reply.facts,
                failure=reply.failure,
                unread=reply.unread,
            )
            for file, reply in batch
        ],
        written,
    )
    if written.dropped_labels:
        tools.engine.remove(np.array(written.dropped_labels, np.int64))
        written.dropped_labels.clear()
    if written.dropped_hashes:
        tools.forget_thumbnails(written.dropped_hashes)
        written.dropped_hashes.clear()
    tools.reporter.step(len(batch), failed=written.failed - failed, changed=written.shown > shown)
