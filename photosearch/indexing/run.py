"""One run: scan, then look and embed in turns until nothing is pending, then faces, then tidy up.

The database is the queue: a run that is killed at any moment is continued by the next.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Collection, Iterator, Sequence
from functools import partial
from operator import add

import numpy as np

from photosearch.engine.decode import HASH_BYTES
from photosearch.errors import PhotoSearchError
from photosearch.indexing.away import went_away
from photosearch.indexing.beside import is_wanted, models_of, prepare_beside
from photosearch.indexing.embedding import Embedding
from photosearch.indexing.faces import FaceDetection
from photosearch.indexing.looking import look_at
from photosearch.indexing.patience import Patience
from photosearch.indexing.plan import ScanCount, scan_root
from photosearch.indexing.tools import Tools
from photosearch.indexing.tuning import Tuning
from photosearch.indexing.turns import Grouping, Turns
from photosearch.indexing.warming import warming
from photosearch.store import Store
from photosearch.store.folders import Root
from photosearch.store.looks import Written
from photosearch.types import Check, FileId, IndexReport, ModelInfo, Stage, Within

_log = logging.getLogger(__name__)
SLICE = 512  # files looked at before their vectors are made: browsable first, searchable soon
INPUT_BYTES = 24 << 20  # they lie in the window's process
NO_MODEL = "No search model is chosen: photos are found by their names, folders and dates."


def run(tools: Tools, roots: Sequence[Root], within: Within | None = None) -> IndexReport:
    """Index everything pending below `roots` and everything left over from earlier runs.

    Of roots that `within` names only the directories named there are looked into.
    """
    within = within or {}
    began = time.monotonic()
    count = _look_through(tools, roots, within)
    written = Written(known=tools.store.photos.last())
    notices = [*count.notices, *_missing(tools), *_work(tools, written)]
    notices += map(went_away, sorted(written.away))
    away = set(count.offline)
    there = [root for root in roots if root.id not in away and root.path not in written.away]
    whole = not within and len(there) == len(tools.store.folders.roots())
    removed = _tidy(tools, there, whole=whole)
    notices += _save(tools)
    stages = tools.reporter.finish()
    return IndexReport(
        found=max(0, count.found - written.ignored),  # some of an earlier run, perhaps
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


def _look_through(tools: Tools, roots: Sequence[Root], within: Within) -> ScanCount:
    """Note what is in the folders now."""
    count = ScanCount()
    tools.reporter.stage(Stage.SCAN, 0)
    tools.store.failures.forget_stage("read")
    patience = Patience(tools.store, tools.check, tools.answering)
    for root in roots:
        tools.check()
        patience.scan(root, count, partial(_scan, tools.store, root, within.get(root.id)))
        tools.reporter.step(0, changed=bool(count.gone))
    return count


def _scan(
    store: Store, root: Root, dirs: Collection[bytes] | None, count: ScanCount, check: Check
) -> None:
    scan_root(store, root, count, check, dirs)


def _missing(tools: Tools) -> Iterator[str]:
    """Tell which models the run has to do without, and why."""
    if tools.model is None and tools.wants_search:
        tools.reporter.note = tools.trouble or NO_MODEL
        yield tools.reporter.note
    if tools.pack_trouble:
        tools.reporter.note = tools.reporter.note or tools.pack_trouble
        yield tools.pack_trouble


def _work(tools: Tools, written: Written) -> list[str]:
    """Work until nothing is pending; return what the user must know."""
    stages: list[Turns] = []
    waiting = tools.store.files.pending_count()  # once: counting walks through all of them
    # Before a longer run the model may be measured, and run otherwise from then on.
    with warming(tools.warm if 0 < waiting <= SLICE else None):
        if vectors := _look_and_embed(tools, written, waiting):
            stages.append(vectors)
    notices = prepare_beside(tools)
    grouping = Grouping(tools)
    if tools.pack is not None:
        faces = Turns(tools, FaceDetection(tools, tools.pack))
        faces.of_the_rest(grouping)
        stages.append(faces)
    grouping.at_the_end()
    return [*(stage.trouble for stage in stages if stage.trouble), *notices]


def _look_and_embed(tools: Tools, written: Written, waiting: int) -> Turns | None:
    """Look at files and make what they show searchable in turns; faces come after all of them."""
    embedding = Embedding(tools, tools.model) if tools.model is not None else None
    vectors = Turns(tools, embedding, lambda: is_wanted(tools, tools.model)) if embedding else None
    tuning = Tuning(tools, tools.model, embedding) if tools.model and embedding else None
    looked = FileId(0)
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
        if embedding and vectors and tuning:
            tuning.before(partial(add, len(photos), waiting))  # there are thumbnails by now
            embedding.at_hand = turn.inputs
            vectors.of_turn(photos, waiting)
    if embedding and vectors and tuning:
        tuning.before(embedding.pending_count)
        embedding.at_hand = {}
        vectors.of_the_rest()
    return vectors


def _slice(model: ModelInfo | None) -> int:
    """Return how many files to look at in one turn: their model inputs stay in memory."""
    if model is None:
        return SLICE
    return max(1, min(SLICE, INPUT_BYTES // (model.preprocess.height * model.preprocess.width * 3)))


def _save(tools: Tools) -> list[str]:
    """Keep what was indexed; return what the user must know."""
    tools.reporter.stage(Stage.SAVE, 0)
    _refresh(tools)
    try:
        tools.engine.save()
    except PhotoSearchError as error:  # a full disk: it is built again, the run itself is done
        return [f"{error} It is built again when PhotoSearch starts."]
    return []


def _refresh(tools: Tools) -> None:
    """Make searchable what another program, or a try that failed, put into the library."""
    try:
        for model in models_of(tools):
            tools.engine.refresh(model.key)
    except PhotoSearchError as error:  # the run itself is done
        _log.warning("the index is not up to date: %s", error)


def _tidy(tools: Tools, roots: Sequence[Root], *, whole: bool) -> int:
    """Forget files that are gone for good, and what was only known for their sake.

    `whole`: every folder was looked through.
    """
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
    if whole:
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
