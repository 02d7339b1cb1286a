"""What models that are not used any more hold, and deleting it.

Files are deleted only where they lie in the program's own folder of models. What the user said
is never touched: vectors and detections can be made again.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

from photosearch.engine.models import Models
from photosearch.errors import ModelError
from photosearch.models.turn import turn
from photosearch.paths import Paths
from photosearch.store import Store
from photosearch.store.model_table import StoredModel
from photosearch.types import (
    AnyModel,
    FacePackInfo,
    Leftover,
    ModelKey,
    ModelKind,
)

_DOOMED = ".deleting"


class Leaving:
    """Models neither in use nor to come."""

    def __init__(
        self, paths: Paths, store: Store, models: Models, fetched: Callable[[AnyModel], bool]
    ) -> None:
        """`fetched` says of a model whether the program itself put its files where they are."""
        self._paths = paths
        self._store = store
        self._models = models
        self._fetched = fetched

    def all(self) -> tuple[Leftover, ...]:
        """Return them by name, with what deleting them would free."""
        registered = {model.name: model for model in self._models.all()}
        stored = self._stored()
        names = sorted({*registered, *stored})
        found = (self._leftover(name, registered.get(name), stored.get(name, ())) for name in names)
        return tuple(each for each in found if each is not None)

    def delete(self, name: str, *, files: bool, vectors: bool) -> int:
        """Delete what a model holds; returns the bytes that the disk has again.

        `ModelError` for one in use or to come, and for files that are not ours.
        """
        model = next((each for each in self._models.all() if each.name == name), None)
        stored = self._stored().get(name, ())
        if model is None and not stored:
            raise ModelError(f"There is no model “{name}”.")
        used = self._used()
        if model is not None and model.key in used and (files or not stored):
            raise ModelError(
                f"“{name}” is in use or being prepared. Choose another model first, then delete it."
            )
        if files and model is not None and not self._owns(model):
            raise ModelError(
                f"The files of “{name}” lie in {model.folder}, which is not PhotoSearch's own "
                "folder: delete them yourself if you need them no more."
            )
        if vectors and isinstance(model, FacePackInfo) | any(each.faces for each in stored):
            self._refuse_needed_faces(name)
        freed = self._delete_vectors(model, stored) if vectors else 0
        if files and model is not None:
            freed += self._delete_files(model)
        return freed

    # ---

    def _used(self) -> set[ModelKey]:
        models = (self._models.in_use(), self._models.coming(), self._models.faces_in_use())
        return {model.key for model in models if model is not None}

    def _stored(self) -> dict[str, tuple[StoredModel, ...]]:
        """Return what is in the library of models that are not used, by their names now."""
        names = {model.key: model.name for model in self._models.all()}
        used = self._used()
        found: dict[str, tuple[StoredModel, ...]] = {}
        for each in self._store.models.all():
            if each.key not in used and (each.vectors or each.faces):
                name = names.get(each.key, each.name)
                found[name] = (*found.get(name, ()), each)
        return found

    def _leftover(
        self, name: str, model: AnyModel | None, stored: tuple[StoredModel, ...]
    ) -> Leftover | None:
        idle = model is not None and model.key not in self._used()
        owned = model is not None and idle and self._owns(model)
        if not stored and not idle:
            return None
        pack = isinstance(model, FacePackInfo) or any(each.faces for each in stored)
        caches = sum(_size(path) for each in stored for path in self._caches(each.key))
        return Leftover(
            name=name,
            kind=ModelKind.FACES if pack else ModelKind.SEARCH,
            file_bytes=_size(Path(model.folder)) if model is not None and owned else 0,
            vectors=sum(each.vectors + each.faces for each in stored),
            vector_bytes=sum(each.bytes for each in stored) + caches,
        )

    def _caches(self, key: ModelKey) -> tuple[Path, ...]:
        """Return what else was made with a model: for searching, and for this machine."""
        from photosearch.index.cache import IndexCache

        return *IndexCache(self._paths.indexes).paths(key), self._paths.prepared / key

    def _delete_vectors(self, model: AnyModel | None, stored: tuple[StoredModel, ...]) -> int:
        before = self._store.models.file_bytes()
        freed = 0
        keys = {each.key for each in stored}
        if model is not None and model.key not in self._used():
            keys.add(model.key)
        for each in stored:
            _exhaust(self._store.models.forget_vectors(each.number))
            _exhaust(self._store.models.forget_faces(each.number))
        for key in keys:
            freed += sum(_remove(path) for path in self._caches(key))
        if stored:
            _exhaust(self._store.models.give_back())
        return freed + max(0, before - self._store.models.file_bytes())

    def _delete_files(self, model: AnyModel) -> int:
        """Delete a model's folder: out of sight first, so that no half of one is ever left."""
        folder = Path(model.folder)
        doomed = folder.with_name(f".{folder.name}{_DOOMED}")
        with turn(folder.parent, folder.name):
            freed = _remove(doomed)  # of a try that did not end
            try:
                folder.rename(doomed)
            except FileNotFoundError:
                pass
            except OSError as error:
                raise ModelError(f"{folder} cannot be deleted: {error.strerror}.") from error
            self._models.remove(model.name)
            freed += _remove(doomed)
        return freed + _remove(self._paths.prepared / model.key)

    def _refuse_needed_faces(self, name: str) -> None:
        """Raise where the pack in use has not looked at all photos that this one has."""
        pack = self._models.faces_in_use()
        number = self._store.faces.find_model(pack.key) if pack else None
        if number is None or self._store.faces.pending_count(number):
            raise ModelError(
                f"The faces that “{name}” found are still needed: the face pack in use has not "
                "looked at all photos yet. Index first, then delete them."
            )

    def _owns(self, model: AnyModel) -> bool:
        """Say whether a model's files are ours to delete.

        They are in the program's own folder; in one that the user named for models only those
        that were fetched into it.
        """
        folder = Path(model.folder)
        if folder.is_symlink():
            return False
        return folder.resolve().parent == self._paths.models.resolve() or self._fetched(model)


def _exhaust(steps: Iterator[int]) -> None:
    for _ in steps:
        """Each is a transaction of its own."""


def _size(path: Path) -> int:
    """Return the bytes of a file, or of all files below a folder; 0 for nothing."""
    total = 0
    with suppress(OSError):
        for each in path.rglob("*") if path.is_dir() else (path,):
            total += each.lstat().st_size if each.is_file() else 0
    return total


def _remove(path: Path) -> int:
    """Delete a file or a folder; returns the bytes it took. `ModelError` when it stays."""
    size = _size(path)
    try:
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
    except OSError as error:
        raise ModelError(f"{path} cannot be deleted: {error.strerror}.") from error
    return size
