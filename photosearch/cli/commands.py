"""Which function answers which command."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict

from photosearch.cli import output
from photosearch.inference.gpu_pack import usable
from photosearch.library import Library
from photosearch.paths import Paths
from photosearch.settings.schema import declared
from photosearch.settings.store import SettingsStore

Command = Callable[[argparse.Namespace, Paths, SettingsStore], int]
Action = Callable[[Library, argparse.Namespace], int]
_MODEL_SETTINGS = ("search.model", "faces.model")
_COUNTED = (
    "a photo counts once, however many copies there are, and once in each folder that has one; "
    "files are copies, too, those not read yet, and those that could not be used"
)


@contextmanager
def opened(paths: Paths, settings: SettingsStore) -> Iterator[Library]:
    """Open the library for one command; the model works in this process.

    With a GPU pack it works in a child: no process changes its runtime once it has one.
    """
    library = Library(paths, settings, own_engine=bool(usable(paths.gpu_pack)))
    for notice in library.notices:
        output.hint(notice)
    try:
        yield library
    finally:
        library.close()


def _on_library(action: Action) -> Command:
    """Return a command that opens the library for what it does."""

    def run(given: argparse.Namespace, paths: Paths, settings: SettingsStore) -> int:
        with opened(paths, settings) as library:
            return action(library, given)

    return run


@_on_library
def _index(library: Library, given: argparse.Namespace) -> int:
    from photosearch.cli.indexing import index

    return index(library, given.paths, as_json=given.json)


@_on_library
def _search(library: Library, given: argparse.Namespace) -> int:
    from photosearch.cli.searching import search

    return search(library, given)


@_on_library
def _people(library: Library, given: argparse.Namespace) -> int:
    from photosearch.cli.people import people

    return people(library, given)


@_on_library
def _models(library: Library, given: argparse.Namespace) -> int:
    from photosearch.cli.models import run

    return run(library, given)


@_on_library
def _folders(library: Library, given: argparse.Namespace) -> int:
    from photosearch.cli.folders import folders

    return folders(library, given)


@_on_library
def _storage(library: Library, given: argparse.Namespace) -> int:
    from photosearch.cli.storage import storage

    return storage(library, given)


@_on_library
def _export(library: Library, given: argparse.Namespace) -> int:
    from photosearch.cli.transfer import export

    return export(library, given)


@_on_library
def _import(library: Library, given: argparse.Namespace) -> int:
    from photosearch.cli.transfer import bring

    return bring(library, given)


@_on_library
def _status(library: Library, given: argparse.Namespace) -> int:
    status = library.status()
    device = library.device()
    if given.json:
        value = asdict(status) | {"device": device}
        output.as_json(value)
        return 0
    output.line(
        f"{output.count(status.photos, 'photo')} ({output.count(status.files, 'file')})"
        f" in {output.count(len(status.folders), 'folder')}"
    )
    look, embed, faces = (status.pending.get(stage, 0) for stage in ("look", "embed", "faces"))
    output.line(
        f"still to do: {look} to read, {embed} to prepare for search by content, "
        f"{faces} to look for faces in"
    )
    extra = status.extra
    output.line(f"{output.count(extra['faces'], 'face')}, {extra['people']} people with a name")
    output.line(f"{output.count(status.failures, 'file')} could not be used")
    pack = extra["face_pack"] or "none"
    output.line(f"search model: {status.model or 'none'}; face pack: {pack}; device: {device}")
    if {status.files, sum(folder.photos for folder in status.folders)} != {status.photos}:
        output.line(_COUNTED)
    for folder in status.folders:
        offline = ", offline" if folder.offline else ""
        output.line(
            f"  {output.shown(folder.path)}: {output.count(folder.photos, 'photo')}{offline}"
        )
    return 0


def _settings(given: argparse.Namespace, paths: Paths, settings: SettingsStore) -> int:
    if given.verb == "set":
        settings.set(given.key, given.value)
    if given.verb == "reset":
        settings.reset(given.key)
    if given.verb in ("get", "set", "reset"):
        value = settings.get(given.key)
        if given.verb == "set" and settings.sources[given.key] == "environment":
            output.hint(
                f"Saved, but {settings.variable(given.key)} is set in the environment: "
                f"its value {value} holds instead."
            )
        if given.verb == "set" and given.key in _MODEL_SETTINGS:
            with opened(paths, settings) as library:
                for sentence in library.misused_models():
                    output.hint(sentence)
        if given.json:
            output.as_json({given.key: value})
        else:
            output.line(str(value))
        return 0
    if given.json:
        output.as_json(
            {
                s.key: {"value": settings.get(s.key), "source": settings.sources[s.key]}
                for s in declared()
            }
        )
        return 0
    for setting in declared():
        value, source = settings.get(setting.key), settings.sources[setting.key]
        output.line(f"{setting.key} = {value!r}  ({source})  {setting.description}")
    return 0


@_on_library
def _devices(library: Library, given: argparse.Namespace) -> int:
    from photosearch.cli.devices import devices

    return devices(library, given)


@_on_library
def _gpu(library: Library, given: argparse.Namespace) -> int:
    from photosearch.cli.devices import gpu

    return gpu(library, given)


def _doctor(given: argparse.Namespace, paths: Paths, settings: SettingsStore) -> int:
    from photosearch.cli.doctor import doctor

    return doctor(paths, settings, as_json=given.json)


COMMANDS: Mapping[str, Command] = {
    "index": _index,
    "search": _search,
    "people": _people,
    "models": _models,
    "folders": _folders,
    "storage": _storage,
    "export": _export,
    "import": _import,
    "status": _status,
    "settings": _settings,
    "devices": _devices,
    "gpu": _gpu,
    "doctor": _doctor,
}
