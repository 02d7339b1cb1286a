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


def _index(given: argparse.Namespace, paths: Paths, settings: SettingsStore) -> int:
    from photosearch.cli.indexing import index

    with opened(paths, settings) as library:
        return index(library, given.paths, as_json=given.json)


def _search(given: argparse.Namespace, paths: Paths, settings: SettingsStore) -> int:
    from photosearch.cli.searching import search

    with opened(paths, settings) as library:
        return search(library, given)


def _people(given: argparse.Namespace, paths: Paths, settings: SettingsStore) -> int:
    from photosearch.cli.people import people

    with opened(paths, settings) as library:
        return people(library, given)


def _models(given: argparse.Namespace, paths: Paths, settings: SettingsStore) -> int:
    from photosearch.cli.models import run

    with opened(paths, settings) as library:
        return run(library, given)


def _folders(given: argparse.Namespace, paths: Paths, settings: SettingsStore) -> int:
    from photosearch.cli.folders import folders

    with opened(paths, settings) as library:
        return folders(library, given)


def _storage(given: argparse.Namespace, paths: Paths, settings: SettingsStore) -> int:
    from photosearch.cli.storage import storage

    with opened(paths, settings) as library:
        return storage(library, given)


def _export(given: argparse.Namespace, paths: Paths, settings: SettingsStore) -> int:
    from photosearch.cli.transfer import export

    with opened(paths, settings) as library:
        return export(library, given)


def _import(given: argparse.Namespace, paths: Paths, settings: SettingsStore) -> int:
    from photosearch.cli.transfer import bring

    with opened(paths, settings) as library:
        return bring(library, given)


def _status(given: argparse.Namespace, paths: Paths, settings: SettingsStore) -> int:
    with opened(paths, settings) as library:
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


def _devices(given: argparse.Namespace, paths: Paths, settings: SettingsStore) -> int:
    from photosearch.cli.devices import devices

    with opened(paths, settings) as library:
        return devices(library, given)


def _gpu(given: argparse.Namespace, paths: Paths, settings: SettingsStore) -> int:
    from photosearch.cli.devices import gpu

    with opened(paths, settings) as library:
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
