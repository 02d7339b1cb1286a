"""One run: scan, then look and embed in turns until nothing is pending, then faces, then tidy up.

The database is the queue: a run that is killed at any moment is continued by the next.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence

import numpy as np

from photosearch.engine.decode import HASH_BYTES
from photosearch.errors import PhotoSearchError
from photosearch.indexing.embedding import Embedding
from photosearch.indexing.faces import FaceDetection
from photosearch.indexing.looking import look_at
from photosearch.indexing.plan import ScanCount, scan_root
from photosearch.indexing.tools import Tools
from photosearch.indexing.turns import Grouping, Turns
from photosearch.store.folders import Root
from photosearch.store.looks import Written
from photosearch.types import FileId, IndexReport, ModelInfo, Stage

_log = logging.getLogger(__name__)
SLICE = 512  # files looked at before their vectors are made: browsable first, searchable soon
INPUT_BYTES = 80 << 20
NO_MODEL = "No search model is chosen: photos are found by their names, folders and dates."


def run(tools: Tools, roots: Sequence[Root]) -> IndexReport:
    """Index everything pending below `roots` and everything left over from earlier runs."""
    began = time.monotonic()
    count = ScanCount()
    tools.reporter.stage(Stage.SCAN, 0)
    tools.store.failures.forget_stage("read")
    for root in roots:
        tools.check()
        scan_root(tools.store, root, count, tools.check)
        tools.reporter.step(0, changed=bool(count.gone))
    written = Written(known=tools.store.photos.last())
    notices = list(count.notices)
    if tools.model is None:
        tools.reporter.note = tools.trouble or NO_MODEL
        notices.append(tools.reporter.note)
    if tools.pack_trouble:
        tools.reporter.note = tools.reporter.note or tools.pack_trouble
        notices.append(tools.pack_trouble)
    notices += _work(tools, written)
    removed = _tidy(tools, [root for root in roots if root.id not in set(count.offline)])
    tools.reporter.stage(Stage.SAVE, 0)
    _refresh(tools)
    tools.engine.save()
    stages = tools.reporter.finish()
    return IndexReport(
        found=count.found - written.ignored,
        added=written.added,
        updated=written.updated,
        moved=written.moved,
        removed=removed,
        unchanged=count.unchanged + written.unchanged,
        failed=tools.store.failures.all([root.id for root in roots]),
        seconds=round(time.monotonic() - began, 3),
        stages=stages,
        notices=tuple(notices),
    )


def _work(tools: Tools, written: Written) -> list[str]:
    """Work until nothing is pending; return what the user must know.

    Files are looked at and made searchable in turns; faces come after all of them.
    """
    stages: list[Turns] = []
    embedding = Embedding(tools, tools.model) if tools.model is not None else None
    vectors = Turns(tools, embedding) if embedding else None
    looked = FileId(0)
    waiting = tools.store.files.pending_count()  # once: counting walks through all of them
    states = (
        ["changed", "replaced", "new"] if waiting else []
    )  # from the last; `Files.pending` says why
    while states:
        tools.check()
        tools.reporter.stage(Stage.LOOK, waiting)
        turn = look_at(tools, states[-1], looked, _slice(tools.model), written)
        if turn is None:
            states.pop()
            looked = FileId(0)
            continue
        waiting = max(0, waiting - turn.count)
        looked = turn.last
        photos = written.take_photos()
        if embedding and vectors:
            embedding.at_hand = turn.inputs
            vectors.of_turn(photos, waiting)
    if embedding and vectors:
        embedding.at_hand = {}
        vectors.of_the_rest()
        stages.append(vectors)
    grouping = Grouping(tools)
    if tools.pack is not None:
        faces = Turns(tools, FaceDetection(tools, tools.pack))
        faces.of_the_rest(grouping.now_and_then)
        stages.append(faces)
    grouping.at_the_end()
    return [stage.trouble for stage in stages if stage.trouble]


def _slice(model: ModelInfo | None) -> int:
    """Return how many files to look at in one turn: their model inputs stay in memory."""
    if model is None:
        return SLICE
    return max(1, min(SLICE, INPUT_BYTES // (model.preprocess.height * model.preprocess.width * 3)))


def _refresh(tools: Tools) -> None:
    """Make searchable what another program, or a try that failed, put into the library."""
    if tools.model is None:
        return
    try:
        tools.engine.refresh(tools.model.key)
    except PhotoSearchError as error:  # the run itself is done
        _log.warning("the index is not up to date: %s", error)


def _tidy(tools: Tools, roots: Sequence[Root]) -> int:
    """Forget files that are gone for good, and what was only known for their sake."""
    removed = 0
    for root in roots:
        for count in tools.store.files.forget_gone(root.id):
            removed += count
            tools.check()
    purged = False
    for photos in tools.store.photos.purge():
        purged = True
        tools.engine.remove(np.array(photos.labels, np.int64))
        tools.forget_thumbnails(photos.hashes)
        tools.check()
    if len(roots) == len(tools.store.folders.roots()):
        _sweep(tools)
    if removed or purged:
        tools.reporter.step(0, changed=True)
    return removed


def _sweep(tools: Tools) -> None:
    """Delete thumbnails that no photo has: a run was killed before it could.

    One of a photo that another program is just adding may go too: it is made again.
    """
    if tools.thumbs.count() <= tools.store.photos.known():
        return
    for thumbs in (tools.face_thumbs, tools.thumbs):
        last = b""
        while keys := thumbs.keys(last, SLICE):
            hashes = sorted({key[:HASH_BYTES] for key in keys})
            thumbs.delete_beginning(tools.store.photos.unknown(hashes))
            tools.check()
            last = keys[-1]
