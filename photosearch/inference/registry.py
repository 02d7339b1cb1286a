"""The search models and face packs the user has added: a small JSON file in the data folder.

Remembers folders, never owns them: forgetting a model deletes nothing of it. What a model's
files say is read once and kept with their sizes and times; changed files are read again.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from photosearch.errors import EngineError, ModelError
from photosearch.inference.entry import Entry, as_stored, from_stored, read_entry
from photosearch.inference.fingerprint import Stamp, face_pack_files, model_files, stamps
from photosearch.outside import read_json
from photosearch.settings.writing import write_whole
from photosearch.types import AnyModel, FacePackInfo

_log = logging.getLogger(__name__)

_WAIT_S = 10.0  # for another program; it writes a small file
_FORMAT = 2  # 1 knew search models only
_DAMAGED = ".damaged"  # after the list's name: what it is kept as


class ModelRegistry:
    """Models of both kinds by name; thread-safe. Reads its file at every call: it is small, and
    the command line may have changed it."""

    def __init__(
        self,
        path: Path,
        read: Callable[[Path], Entry] | None = None,
        reaches: Callable[[Path], bool] = lambda folder: True,
    ) -> None:
        """`read` reads a folder (`read_entry` by default, which loads ONNX Runtime here);
        `reaches` says whether one answers: on a drive that hangs it is not looked at."""
        self._path = path
        self._reaches = reaches
        self._read = read or read_entry
        self._lock = threading.Lock()  # of the file
        self._looking = threading.Lock()  # reading changed models anew takes seconds: once
        self._notices: list[str] = []
        self._failed: dict[Path, tuple[frozenset[Stamp], str]] = {}

    @property
    def notices(self) -> tuple[str, ...]:
        """Sentences about what happened to the file itself."""
        return tuple(self._notices)

    def add(self, folder: Path) -> AnyModel:
        """Register a model folder under its own name, or read it again when it is known.

        ModelError says what is missing in it, or that another model has the name.
        """
        folder = Path(os.path.abspath(folder))
        entry = self._read(folder)  # before the lock: hashing gigabytes takes seconds
        with self._writing():
            entries = self._load()
            known = entries.get(entry.info.name)
            if known is not None and not _same_folder(known.info.folder, folder):
                raise ModelError(
                    f"There is a model named {entry.info.name} already, in {known.info.folder}. "
                    "Rename the folder, or remove the other model first."
                )
            self._save({**entries, entry.info.name: entry})
        return entry.info

    def remove(self, name: str) -> None:
        """Forget a model; its files stay. ModelError when there is none of that name."""
        with self._writing():
            entries = self._load()
            if name not in entries:
                raise ModelError(_unknown(name, entries))
            del entries[name]
            self._save(entries)

    def list(self) -> tuple[AnyModel, ...]:
        """Return all models by name; `problem` says why one cannot be used now."""
        with self._looking:
            entries = self._load()
            current = {name: self._current(entry) for name, entry in entries.items()}
            # A problem may pass (a drive is unplugged): what was known is kept.
            healthy = {name: each for name, each in current.items() if not each.info.problem}
            changed = {n: each for n, each in healthy.items() if each is not entries[n]}
            if changed:
                with self._writing():  # another program may have added or removed one meanwhile
                    now = self._load()
                    still = {n: each for n, each in changed.items() if n in now}
                    self._save({**now, **still})
        return tuple(current[name].info for name in sorted(current))

    def _current(self, entry: Entry) -> Entry:
        folder = Path(entry.info.folder)
        if self._reaches(folder.parent):  # asked once for all models in it
            return _current(entry, self._read_again)
        return _with_problem(
            entry, f"{_silent(folder)} The model “{entry.info.name}” waits for it."
        )

    @contextlib.contextmanager
    def _writing(self) -> Iterator[None]:
        """Hold the list for a change, also against other programs on the same home."""
        import filelock

        with self._lock:
            try:
                self._path.parent.mkdir(parents=True, exist_ok=True)
                lock = filelock.FileLock(f"{self._path}.lock", timeout=_WAIT_S)
                lock.acquire()
            except filelock.Timeout as error:
                raise ModelError(
                    f"{self._path} is being written by another PhotoSearch that does not end. "
                    "Close it and try again."
                ) from error
            except OSError as error:
                raise ModelError(f"{self._path} cannot be written: {error.strerror}.") from error
            try:
                yield
            finally:
                lock.release()

    def _read_again(self, folder: Path) -> Entry:
        """Read a folder whose files have changed; what failed is tried again when they change."""
        state = _everything_in(folder)
        failed = self._failed.get(folder)
        if failed is not None and failed[0] == state:
            raise ModelError(failed[1])
        self._failed.pop(folder, None)
        try:
            return self._read(folder)
        except ModelError as error:
            self._failed[folder] = (state, str(error))
            raise

    def get(self, name: str) -> AnyModel:
        """Return one model; ModelError when there is none of that name."""
        found = {info.name: info for info in self.list()}
        if name not in found:
            raise ModelError(_unknown(name, found))
        return found[name]

    def _load(self) -> dict[str, Entry]:
        try:
            content = read_json(self._path)
            if content["format"] > _FORMAT:
                raise ModelError(
                    f"{self._path} was written by a newer PhotoSearch. Update this one."
                )
            return {each["info"]["name"]: from_stored(each) for each in content["models"]}
        except FileNotFoundError:
            return {}
        except OSError as error:
            raise ModelError(f"{self._path} cannot be read: {error.strerror}.") from error
        except (ValueError, TypeError, KeyError):
            self._set_aside()
            return {}

    def _set_aside(self) -> None:
        aside = self._path.with_name(self._path.name + _DAMAGED)
        number = 1
        while aside.exists():
            number += 1
            aside = self._path.with_name(f"{self._path.name}{_DAMAGED}-{number}")
        try:
            self._path.replace(aside)
        except OSError as error:
            raise ModelError(
                f"The list of models {self._path} is damaged and cannot be moved: {error.strerror}."
            ) from error
        notice = (
            f"The list of models was damaged and is kept as {aside}. Add your models again; "
            "their vectors are still there."
        )
        _log.warning("%s", notice)
        self._notices.append(notice)

    def _save(self, entries: Mapping[str, Entry]) -> None:
        models = [as_stored(entries[name]) for name in sorted(entries)]
        text = json.dumps({"format": _FORMAT, "models": models}, indent=1)
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            write_whole(self._path, text)
        except OSError as error:
            raise ModelError(f"{self._path} cannot be written: {error.strerror}.") from error


def damaged_lists(path: Path) -> list[Path]:
    """Return the damaged lists that were set aside: what they named is no longer known."""
    return sorted(path.parent.glob(f"{path.name}{_DAMAGED}*"))


def _everything_in(folder: Path) -> frozenset[Stamp]:
    """Return what changes when a file of the folder does; nothing of what cannot be read."""
    with contextlib.suppress(OSError):
        found = [path for path in folder.rglob("*") if path.is_file()]
        return frozenset(stamps(folder, found))
    return frozenset()


def _current(entry: Entry, read: Callable[[Path], Entry]) -> Entry:
    """Return an entry as its folder is now: the same, read again, or with a problem."""
    folder = Path(entry.info.folder)
    if not folder.is_dir():
        return _with_problem(
            entry,
            f"The folder of the model “{entry.info.name}” is gone: {folder}. Put it back, or choose"
            " another model.",
        )
    files = face_pack_files if isinstance(entry.info, FacePackInfo) else model_files
    try:
        if stamps(folder, files(folder)) == entry.stamps:
            return entry
    except OSError:
        pass  # a file is gone: reading it again says which
    try:
        return read(folder)
    except (ModelError, EngineError) as error:
        return _with_problem(entry, str(error))


def _silent(folder: Path) -> str:
    return f"The drive of {folder} does not answer."


def _with_problem(entry: Entry, problem: str) -> Entry:
    return replace(entry, info=replace(entry.info, problem=problem))


def _unknown(name: str, known: Mapping[str, object]) -> str:
    if not known:
        return f"There is no model named {name}; none has been added."
    return f"There is no model named {name}. There are: {', '.join(sorted(known))}."


def _same_folder(known: str, folder: Path) -> bool:
    if known == str(folder):
        return True
    with contextlib.suppress(OSError):
        return Path(known).samefile(folder)
    return False
