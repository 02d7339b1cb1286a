"""The models that PhotoSearch offers: `resources/models.toml`, read into typed values.

Adding a model is adding data there.  Knows how the file is written and which values are
possible; nothing of what is on this machine, and nothing of the files of a model.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from photosearch.errors import ModelError
from photosearch.paths import resources
from photosearch.types import CatalogueEntry, Licence, ModelKind, Preset, Recall

FILE = "models.toml"
_FORMAT = 1
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")  # it becomes a folder's name
_REPOSITORY = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*", re.ASCII)
_LANGUAGE = re.compile(r"[a-z]{2,3}|\*")
_MIB = 2**20
_Value = TypeVar("_Value")


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All models on offer in the order of the file, and choices among them in plain words."""

    entries: tuple[CatalogueEntry, ...]
    presets: tuple[Preset, ...]

    def find(self, name: str) -> CatalogueEntry | None:
        """Return the entry of a name, None for a model that is not in the catalogue."""
        return next((entry for entry in self.entries if entry.name == name), None)


def load(path: Path | None = None) -> Catalogue:
    """Read the catalogue; ModelError says what is wrong with it, and where."""
    path = path or resources() / FILE
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ModelError(f"The catalogue of models {path} cannot be read: {error}.") from error
    try:
        return _catalogue(_Table(content, "the file"))
    except _Wrong as wrong:
        raise ModelError(f"The catalogue of models {path} cannot be used: {wrong}.") from wrong


class _Wrong(Exception):  # noqa: N818  (a part of a sentence)
    """What is wrong, without saying in which file."""


class _Table:
    """One table of the file: every field is asked for by its type, and none may be left over."""

    def __init__(self, values: Mapping[str, Any], where: str) -> None:
        self._values = dict(values)
        self._where = where

    def take(self, name: str, kind: type[_Value], default: _Value | None = None) -> _Value:
        """Return a field; without a default it must be there."""
        value = self._values.pop(name, default)
        if value is None:
            raise _Wrong(f"{self._where} has no {name}")
        if kind is float and isinstance(value, int) and not isinstance(value, bool):
            value = float(value)
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            raise _Wrong(f"{name} of {self._where} is {value!r}, which is no {kind.__name__}")
        if isinstance(value, int | float) and value < 0:
            raise _Wrong(f"{name} of {self._where} is below nothing")
        return value

    def strings(self, name: str, pattern: re.Pattern[str]) -> tuple[str, ...]:
        """Return a list of texts that all look as they should."""
        values = self.take(name, list)
        for each in values:
            if not isinstance(each, str) or not pattern.fullmatch(each):
                raise _Wrong(f"{name} of {self._where} holds {each!r}")
        return tuple(values)

    def tables(self, name: str) -> list[_Table]:
        """Return a list of tables, each named after its own field `name`."""
        found = []
        for number, each in enumerate(self.take(name, list, []), 1):
            if not isinstance(each, dict):
                raise _Wrong(f"{name} number {number} is no table")
            found.append(_Table(each, f"{each.get('name', f'number {number}')} in {name}"))
        return found

    def pairs(self, name: str) -> dict[str, Any]:
        return dict(self.take(name, dict, {}))

    def end(self) -> None:
        """Say which fields nobody has asked for."""
        if self._values:
            unknown = ", ".join(sorted(self._values))
            raise _Wrong(f"{self._where} has a field that is not known: {unknown}")

    @property
    def where(self) -> str:
        return self._where


def _catalogue(file: _Table) -> Catalogue:
    if (number := file.take("format", int)) != _FORMAT:
        raise _Wrong(f"it has the format {number}, and this PhotoSearch reads {_FORMAT}")
    sources = file.pairs("sources")
    licences = {name: _licence(name, each) for name, each in file.pairs("licences").items()}
    entries = tuple(_entry(each, licences, sources) for each in file.tables("models"))
    names = [entry.name for entry in entries]
    if twice := {name for name in names if names.count(name) > 1}:
        raise _Wrong(f"it names {', '.join(sorted(twice))} twice")
    presets = tuple(_preset(each, names) for each in file.tables("presets"))
    file.end()
    return Catalogue(entries, presets)


def _licence(name: str, values: Any) -> Licence:
    if not isinstance(values, dict):
        raise _Wrong(f"the licence {name} is no table")
    table = _Table(values, f"the licence {name}")
    licence = Licence(
        name=table.take("name", str),
        url=table.take("url", str),
        research_only=table.take("research_only", bool, False),
        notice=table.take("notice", str, ""),
    )
    table.end()
    if not licence.url.startswith("https://"):
        raise _Wrong(f"the licence {name} has no link")
    return licence


def _entry(
    table: _Table, licences: Mapping[str, Licence], sources: Mapping[str, str]
) -> CatalogueEntry:
    name, kind = table.take("name", str), table.take("kind", str)
    if not _NAME.fullmatch(name):
        raise _Wrong(f"{name!r} cannot be the name of a folder")
    if kind not in (known := [each.value for each in ModelKind]):
        raise _Wrong(f"kind of {table.where} is {kind!r} and none of {', '.join(known)}")
    image, text = table.take("gflops_image", float, 0.0), table.take("gflops_text", float, 0.0)
    entry = CatalogueEntry(
        name=name,
        kind=ModelKind(kind),
        title=table.take("title", str),
        sentence=table.take("sentence", str),
        repositories=table.strings("repositories", _REPOSITORY),
        dimension=table.take("dimension", int),
        input_px=table.take("input_px", int),
        parameters=table.take("params_m", float, 0.0),
        gflops_image=image or None,
        gflops_text=text or None,
        download_bytes=round(table.take("disk_gb", float) * 1e9),
        memory_bytes=table.take("memory_mib", int, 0) * _MIB,
        recall=_recall(table),
        recall_source=_among(sources, table, "recall_source"),
        languages=table.strings("languages", _LANGUAGE),
        licence=_among_licences(licences, table),
        files=_files(table),
    )
    table.end()
    return entry


def _recall(table: _Table) -> tuple[Recall, ...]:
    found = []
    for language, percent in table.pairs("recall").items():
        number = isinstance(percent, int | float) and not isinstance(percent, bool)
        if not _LANGUAGE.fullmatch(language) or not number or not 0 <= percent <= 100:
            raise _Wrong(f"recall of {table.where} in {language} is {percent!r}")
        found.append(Recall(language, float(percent)))
    return tuple(found)


def _files(table: _Table) -> tuple[tuple[str, str], ...]:
    files = table.pairs("files")
    for theirs, ours in files.items():
        if not isinstance(ours, str) or not theirs or not ours:
            raise _Wrong(f"files of {table.where} maps {theirs!r} to {ours!r}")
    return tuple(files.items())


def _among(known: Mapping[str, str], table: _Table, field: str) -> str:
    name = table.take(field, str, "")
    if name and name not in known:
        raise _Wrong(f"{field} of {table.where} is {name!r}, which is not described")
    return str(known[name]) if name else ""


def _among_licences(licences: Mapping[str, Licence], table: _Table) -> Licence:
    name = table.take("licence", str)
    if name not in licences:
        raise _Wrong(f"licence of {table.where} is {name!r}, which is not described")
    return licences[name]


def _preset(table: _Table, names: list[str]) -> Preset:
    preset = Preset(
        name=table.take("name", str),
        title=table.take("title", str),
        sentence=table.take("sentence", str),
        model=table.take("model", str),
    )
    table.end()
    if preset.model not in names:
        raise _Wrong(f"{table.where} chooses {preset.model!r}, which is not there")
    return preset
