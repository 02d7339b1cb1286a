"""Which function answers which command."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict

from photosearch.cli import output
from photosearch.errors import UsageError
from photosearch.library import Library
from photosearch.paths import Paths
from photosearch.settings.schema import declared
from photosearch.settings.store import SettingsStore
from photosearch.types import AnyModel, FacePackInfo, Folder, FolderId

Command = Callable[[argparse.Namespace, Paths, SettingsStore], int]
_MODEL_SETTINGS = ("search.model", "faces.model")


@contextmanager
def opened(paths: Paths, settings: SettingsStore) -> Iterator[Library]:
    """Open the library for one command; the model works in this process."""
    library = Library(paths, settings, own_engine=False)
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
    shown: tuple[AnyModel, ...]
    with opened(paths, settings) as library:
        if given.verb == "add":
            shown = (library.add_model(given.folder),)
        elif given.verb == "use":
            shown = (library.use_model(given.name),)
        elif given.verb == "remove":
            library.remove_model(given.name)
            shown = library.models()
        else:
            shown = library.models()
        if given.json:
            output.as_json({"models": [_model(model) for model in shown]})
        elif not shown:
            output.line("No models. Add one with: photosearch models add DIR")
        for model in shown if not given.json else ():
            mark = "*" if model.in_use else " "
            size = f"{model.bytes_on_disk / 1e6:.0f} MB"
            note = f"  ({model.problem})" if model.problem else ""
            kind = f"{_kind(model)}  {model.dimension}-d"
            output.line(f"{mark} {model.name}  {kind}  {size}  {model.folder}{note}")
    return 0


def _kind(model: AnyModel) -> str:
    return "faces" if isinstance(model, FacePackInfo) else "search"


def _model(model: AnyModel) -> dict[str, object]:
    return {"kind": _kind(model), **asdict(model)}


def _folders(given: argparse.Namespace, paths: Paths, settings: SettingsStore) -> int:
    with opened(paths, settings) as library:
        if given.verb == "add":
            shown = library.add_folders(given.paths)
        else:
            if given.verb == "remove":
                for id_ in _known(library, given.paths):
                    library.remove_folder(id_)
            elif given.verb == "faces":
                for id_ in _known(library, given.paths):
                    library.set_folder_faces(id_, given.state == "on")
            shown = library.folders()
        if given.json:
            output.as_json({"folders": [_folder(folder) for folder in shown]})
        elif not shown:
            output.line("No folders. Add one with: photosearch index PATH")
        for folder in shown if not given.json else ():
            state = "offline" if folder.offline else output.count(folder.photos, "photo")
            state += "" if folder.faces else ", without faces"
            output.line(f"{output.shown(folder.path)}  ({state})")
    return 0


def _known(library: Library, wanted: list[str]) -> list[FolderId]:
    import os

    known = {folder.path: folder for folder in library.folders()}
    found = []
    for path in wanted:
        folder = known.get(path) or known.get(os.path.abspath(path))
        if folder is None:
            raise UsageError(f"{path} is not among the folders: {', '.join(known) or 'none'}.")
        found.append(folder.id)
    return found


def _folder(folder: Folder) -> dict[str, object]:
    return asdict(folder)


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
        for folder in status.folders:
            offline = ", offline" if folder.offline else ""
            output.line(
                f"  {output.shown(folder.path)}: {output.count(folder.photos, 'photo')}{offline}"
            )
    return 0


def _settings(given: argparse.Namespace, paths: Paths, settings: SettingsStore) -> int:
    if given.verb == "set":
        settings.set(given.key, given.value)
    if given.verb in ("get", "set"):
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


def _doctor(given: argparse.Namespace, paths: Paths, settings: SettingsStore) -> int:
    from photosearch.cli.doctor import doctor

    return doctor(paths, settings, as_json=given.json)


COMMANDS: Mapping[str, Command] = {
    "index": _index,
    "search": _search,
    "people": _people,
    "models": _models,
    "folders": _folders,
    "status": _status,
    "settings": _settings,
    "doctor": _doctor,
}
