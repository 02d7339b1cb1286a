"""What a killed program was doing: run as a program of its own, `python tasks.py TASK HOME ...`.

Everything goes through the library, as in the window, with the engine in a process of its own.
What is done is acknowledged line by line on standard output.
"""

from __future__ import annotations

import json
import random
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import numpy as np

from photosearch.errors import PhotoSearchError, UsageError
from photosearch.library import Library
from photosearch.paths import Paths
from photosearch.settings.store import SettingsStore
from photosearch.types import Box, FaceId, PersonId, PhotoId, Vectors

NAMES = ("Anna", "Ben", "Clara", "Dan", "Eve", "Finn")


def open_library(home: Path, *, own_engine: bool = True) -> Library:
    paths = Paths.below(home)
    return Library(paths, SettingsStore(paths.settings_file), own_engine=own_engine)


def index(library: Library) -> None:
    """Index whatever is pending, and tell how it went."""
    report = library.index(lambda progress: None, lambda: None)
    failed = [[failure.path, failure.reason] for failure in report.failed]
    print(json.dumps({"failed": failed, "notices": report.notices}), flush=True)


# --- what the user says ---------------------------------------------------------------


def say(library: Library, seed: str, first: str, count: str) -> None:
    """Say one thing after the other; which, their numbers decide and what there is by then."""
    for number in range(int(first), int(count)):
        do_deed(library, seed, number)
        print(number, flush=True)


def do_deed(library: Library, seed: str, number: int) -> None:
    """Do one thing that a user may do; what makes no sense just now is refused in words."""
    chance = random.Random(f"{seed} {number}")
    with suppress(UsageError, IndexError):  # nobody is left to do it to
        chance.choice(_DEEDS)(library, chance)


def _person(library: Library, chance: random.Random) -> PersonId:
    return chance.choice([each.id for each in library.people.list(hidden=True)])


def _faces(library: Library, chance: random.Random) -> list[FaceId]:
    of = library.people.faces(_person(library, chance))
    faces = sorted(face.id for face in of)
    return chance.sample(faces, min(len(faces), 2))


def _photo(library: Library, chance: random.Random) -> PhotoId:
    return PhotoId(chance.choice(sorted(int(each) for each in library.photos().ids)))


def _settings(library: Library, chance: random.Random) -> None:
    key, values = chance.choice(
        (("search.results", (100, 200, 300)), ("appearance.theme", ("light", "dark", "system")))
    )
    library.settings.set(key, chance.choice(values))


def _choose_model(library: Library, chance: random.Random) -> None:
    names = [model.name for model in library.models() if model.name.startswith("tiny")]
    if names:
        library.use_model(chance.choice(sorted(names)))


def _draw(library: Library, chance: random.Random) -> None:
    box = Box(chance.uniform(0, 0.5), chance.uniform(0, 0.5), 0.2, 0.2)
    library.people.draw(_photo(library, chance), box, chance.choice(NAMES))


_DEEDS: tuple[Callable[[Library, random.Random], object], ...] = (
    lambda library, c: library.people.rename(_person(library, c), c.choice(NAMES)),
    lambda library, c: library.people.rename(_person(library, c), c.choice(NAMES)),
    lambda library, c: library.people.merge([_person(library, c)], _person(library, c)),
    lambda library, c: library.people.name_faces(_faces(library, c), c.choice(NAMES)),
    lambda library, c: library.people.move(_faces(library, c), _person(library, c)),
    lambda library, c: library.people.move(_faces(library, c), None),
    lambda library, c: library.people.confirm(_faces(library, c), _person(library, c)),
    lambda library, c: library.people.reject(_faces(library, c)),
    lambda library, c: library.people.dismiss(_faces(library, c)),
    lambda library, c: library.people.set_hidden([_person(library, c)], c.random() < 0.5),
    lambda library, c: library.people.set_birthday(_person(library, c), "1990-02-03"),
    lambda library, c: library.people.set_cover(_person(library, c), _faces(library, c)[0]),
    _draw,
    lambda library, c: library.set_favourite([_photo(library, c)], c.random() < 0.7),
    lambda library, c: library.set_favourite([_photo(library, c)], c.random() < 0.7),
    lambda library, c: library.people.undo(),
    lambda library, c: library.people.undo(),
    lambda library, c: library.people.redo(),
    _settings,
    _choose_model,
    lambda library, c: library.set_folder_search(library.folders()[0].id, c.random() < 0.5),
    lambda library, c: library.set_folder_exclude(
        library.folders()[0].id, [f"*.{c.randrange(9)}"] * c.randrange(2)
    ),
)


# --- saving the index -----------------------------------------------------------------


def vector_of(photo: int, dimension: int) -> Vectors:
    """Return the one vector that a made-up photo can have."""
    row = np.random.default_rng(photo).standard_normal((1, dimension)).astype(np.float32)
    return row / np.linalg.norm(row)


def grow(library: Library, rounds: str) -> None:
    """Add a few vectors and save the index, again and again; then ask it something."""
    model = library.model()
    assert model is not None
    library._models.searching()
    store, engine = library._store, library._engine
    number = store.embeddings.model_id(model.key, model.name, model.dimension)
    engine.warm(model.key)
    pause = threading.Event()
    while engine.state().index != "hnsw":  # an engine that was killed begins anew with it
        pause.wait(0.05)
        engine.warm(model.key)
    for each in range(int(rounds)):
        pending = store.embeddings.pending(number, PhotoId(0), 20)
        if not pending:
            break
        vectors = np.concatenate([vector_of(photo.id, model.dimension) for photo in pending])
        rows = store.embeddings.write(number, "made", pending, vectors)
        with suppress(PhotoSearchError):
            engine.add(model.key, rows)
        engine.save()
        print(each, flush=True)
    engine.refresh(model.key)
    query = vector_of(1, model.dimension)[0]
    photos, _scores = engine.search(model.key, query, 10)
    engine.save()
    print(json.dumps([int(photo) for photo in photos]), flush=True)


TASKS: dict[str, Callable[..., None]] = {"index": index, "say": say, "grow": grow}


def main() -> None:
    task, home, *arguments = sys.argv[1:]
    library = open_library(Path(home))
    try:
        TASKS[task](library, *arguments)
    finally:
        library.close()


if __name__ == "__main__":
    main()
