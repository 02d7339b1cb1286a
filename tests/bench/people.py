"""How long what the people pages ask takes: 100,000 faces of 5,000 people in 50,000 photos.

The floor is one walk through all rows of whose each face is, which no list can do without.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from photosearch.people.people import People
from photosearch.store import Store
from photosearch.store.embeddings import PendingPhoto
from photosearch.types import (
    Box,
    DetectedFace,
    FacePackInfo,
    ModelKey,
    PhotoFilter,
    PhotoId,
)
from tests.bench import measure
from tests.bench.filling import AT_ONCE, add_files, listings

DIMENSION = 512
PEOPLE = 5000
PACK = FacePackInfo("bench", "", ModelKey("bench"), "insightface", DIMENSION, 0)


def fill(store: Store, faces: int) -> int:
    """Write two faces on each photo and give them to people of very different sizes."""
    add_files(store, Path("/nowhere"), listings(faces // 2), "")
    rng = np.random.default_rng(1)
    model = store.faces.model_id(PACK.key, PACK.name, DIMENSION)
    boxes = (Box(0.1, 0.2, 0.2, 0.3), Box(0.6, 0.2, 0.2, 0.3))
    landmarks = np.zeros((5, 2), np.float32)
    after = PhotoId(0)
    while pending := store.faces.pending(model, after, AT_ONCE):
        after = pending[-1].id
        results: list[tuple[PendingPhoto, tuple[DetectedFace, ...]]] = []
        for photo in pending:
            vectors = rng.normal(size=(2, DIMENSION)).astype(np.float32)
            sizes = rng.uniform(20, 400, 2)
            results.append(
                (
                    photo,
                    tuple(
                        DetectedFace(box, landmarks, 0.8, 0.5, size, 10.0, 0.0, 0.0, vector)
                        for box, size, vector in zip(boxes, sizes, vectors, strict=True)
                    ),
                )
            )
        store.faces.write_many(model, "cpu", results)
    return model


def give_owners(store: Store, model: int) -> None:
    table = store.faces.table(model)
    first = store.people.next_owner(PEOPLE)
    shares = 1 / np.arange(1, PEOPLE + 1) ** 0.7
    rng = np.random.default_rng(2)
    picked = rng.choice(PEOPLE, len(table.faces), p=shares / shares.sum())
    owners = np.where(rng.random(len(picked)) < 0.15, 0, picked + first)
    doubts = rng.random(len(picked)).astype(np.float32)
    store.people.write_membership(table.faces, owners.astype(np.int64), doubts, whole=True)


def main() -> None:
    given = measure.parser(__doc__)
    given.add_argument("--faces", type=int, default=100_000)
    told = given.parse_args()
    home = measure.own_folder(told.work, "people")
    home.mkdir(parents=True)
    store = Store.open(home / "library.db")
    rows: list[list[str]] = []

    def timed(what: str, work: Callable[[], object], repeat: int = told.repeat) -> None:
        times = []
        for _ in range(repeat):
            started = time.perf_counter()
            work()
            times.append((time.perf_counter() - started) * 1000)
        rows.append([what, f"{float(np.median(times)):.1f}"])

    model = 0

    def filled() -> None:
        nonlocal model
        model = fill(store, told.faces)

    timed("writing all faces", filled, 1)
    timed("writing whose they are", lambda: give_owners(store, model), 1)
    people = People(store, lambda: PACK, lambda: 0.5)
    listed = people.list()
    for who in listed[::5]:
        people.rename(who.id, f"Person {who.id}")
    with store.database.reading() as db:
        timed(
            "floor: a walk through all",
            lambda: db.execute("SELECT count(DISTINCT photo + owner) FROM membership").fetchone(),
        )
    largest, second = listed[0].id, listed[1].id
    timed("list", people.list)
    timed("names", people.names)
    timed("names alone", store.persons.names)
    timed(f"faces of the largest ({listed[0].faces})", lambda: people.faces(largest))
    timed("the same by doubt", lambda: people.faces(largest, order="doubt"))
    middle = listed[len(listed) // 2].id
    timed("faces of one in the middle", lambda: people.faces(middle))
    timed("get the largest", lambda: people.get(largest))
    timed("faces on a photo", lambda: people.faces_on(PhotoId(77)))
    timed("1,000 unsorted faces", people.unsorted)
    timed("count of the unsorted", people.unsorted_count)
    for name, which in {
        "photos of one": PhotoFilter(people=(largest,)),
        "photos of two": PhotoFilter(people=(largest, second)),
        "photos without one": PhotoFilter(without=(largest,)),
        "photos of one alone": PhotoFilter(people=(largest,), only=True),
    }.items():
        timed(name, lambda which=which: store.photos.newest_first(which))  # type: ignore[misc]
    timed("merging the two largest", lambda: people.merge([second], largest), 1)
    timed("undoing that", people.undo, 1)
    timed("naming one face", lambda: people.name_faces([people.faces(middle)[0].id], "New"), 1)
    timed("the table for grouping", lambda: store.faces.table(model), 1)
    table = store.faces.table(model)
    timed("what was said of it", lambda: store.people.said(table))
    timed("whose they are", lambda: store.people.owners(table))
    store.close()
    shutil.rmtree(home, ignore_errors=True)
    measure.print_table(f"People, {told.faces:,} faces", ["what", "ms"], rows)


if __name__ == "__main__":
    main()
