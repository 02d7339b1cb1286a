"""Settings as they hold now: defaults, then the file, the environment, the command line.

A value that cannot be used is replaced by its default and leaves a notice; the file keeps its
comments and everything this version does not know. Where it is damaged and nobody knows what it
held (`file`), it stays as it is until a setting is changed.
"""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import tomlkit
from pydantic import BaseModel, ValidationError

from photosearch.errors import SettingsError
from photosearch.names import is_text
from photosearch.settings.file import DamagedFileError, SettingsFile
from photosearch.settings.schema import Declared, Settings, declared

_log = logging.getLogger(__name__)
Listener = Callable[[str], None]


class SettingsStore:
    """The one place that reads and writes settings; safe to use from several threads."""

    def __init__(
        self,
        file: Path,
        environment: Mapping[str, str] | None = None,
        flags: Mapping[str, str] | None = None,
    ) -> None:
        self._file = SettingsFile(file)
        self._lock = threading.RLock()
        self._environment = os.environ if environment is None else environment
        self._flags = dict(flags or {})
        self._declared = {setting.key: setting for setting in declared()}
        self._listeners: list[Listener] = []
        self._mended: list[Listener] = []
        self._seen: object = None  # the file as it was last read
        self.notices: list[str] = []
        self.sources: dict[str, str] = {}  # replaced, never changed
        self.current: Settings = self._load()
        self.notices += self._file.news()  # nobody listens yet

    def get(self, key: str) -> Any:
        """Return the value of `section.name`; `SettingsError` for an unknown key."""
        return _value(self.current, self._find(key).key)

    def variable(self, key: str) -> str:
        """Return the environment variable that overrides a setting."""
        return self._find(key).variable

    def checked(self, key: str, value: Any) -> Any:
        """Return what a value would be as a setting; `SettingsError` says why it cannot be one."""
        return _checked(self._find(key), value)

    def set(self, key: str, value: Any) -> Settings:
        """Check, write to the file and take effect; returns the new settings."""
        return self.set_all({key: value})

    def set_all(self, values: Mapping[str, Any]) -> Settings:
        """Check several settings and write them at once: nobody ever sees some of them only."""
        checked = {key: self.checked(key, value) for key, value in values.items()}
        with self._telling():
            with self._file.changing(anew=True) as document:
                for key, value in checked.items():
                    section, name = key.split(".")
                    if not isinstance(document.get(section), MutableMapping):
                        document[section] = tomlkit.table()
                    document[section][name] = value
            for key in checked:
                self._flags.pop(key, None)
            self.notices.clear()
            self.current = self._load()
        return self.current

    def reset(self, key: str) -> Settings:
        """Take a setting out of the file, whatever it holds, and with it a flag of this run."""
        section, name = self._find(key).key.split(".")
        with self._telling():
            with self._file.changing() as document:
                table = document.get(section)
                if isinstance(table, MutableMapping) and name in table:
                    del table[name]
            self._flags.pop(key, None)
            self.notices.clear()
            self.current = self._load()
        return self.current

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Have a listener told the key of each setting that gets another value or source.

        It is called on the thread that made the change, or found the file changed, when the
        change holds already. Returns what ends that.
        """
        with self._lock:
            self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def subscribe_mended(self, listener: Listener) -> None:
        """Have a listener told the sentence for a file that was found damaged and kept aside."""
        with self._lock:
            self._mended.append(listener)

    def reload(self) -> None:
        """Take in what another program wrote; costs a look at the file's time where none did.

        A file that cannot be read just now changes nothing; one that stays damaged is kept aside.
        """
        if self._file.stamp() == self._seen:
            return
        with self._telling():
            seen = self._file.stamp()
            try:
                document = self._file.read()
            except SettingsError as error:
                if not self._file.rested():  # somebody is writing it, perhaps: look again later
                    return
                if not isinstance(error, DamagedFileError) or not self._file.mend():
                    self._seen = self._file.stamp()
                    _log.warning("the settings stay as they were: %s", error)
                    return
                # What was just written; the next look finds what came since.
                seen, document = None, tomlkit.parse(self._file.before() or "")
            self.notices.clear()
            self.current = self._taken_in(document)
            self._seen = seen

    @contextmanager
    def _telling(self) -> Iterator[None]:
        """Hold the lock during a change; then tell the listeners what became different."""
        try:
            with self._lock:
                values, sources = self.current, self.sources
                yield
                listeners = tuple(self._listeners)
                different = [
                    key
                    for key in self._declared
                    if _value(values, key) != _value(self.current, key)
                    or sources[key] != self.sources[key]
                ]
        finally:  # also of a file that was put aside before the change failed
            self._tell_mended()
        for key in different:
            for listener in listeners:
                listener(key)

    def _tell_mended(self) -> None:
        with self._lock:
            sentences = self._file.news()
            listeners = tuple(self._mended)
        for sentence in sentences:
            for listener in listeners:
                listener(sentence)

    def _find(self, key: str) -> Declared:
        if key not in self._declared:
            known = ", ".join(self._declared)
            raise SettingsError(f"There is no setting “{key}”. Known settings: {known}.")
        return self._declared[key]

    def _load(self) -> Settings:
        self._seen = self._file.stamp()
        try:
            document = self._file.read()
        except SettingsError as error:
            document = self._instead(error)
        return self._taken_in(document)

    def _instead(self, refused: SettingsError) -> tomlkit.TOMLDocument:
        """Return what holds in place of a file that cannot be read, and have it told."""
        if isinstance(refused, DamagedFileError) and self._file.before() is not None:
            self._file.mend()
            self._seen = None  # what came since is found at the next look
            return tomlkit.parse(self._file.before() or "")
        error = refused.__cause__
        self.notices.append(
            f"The settings file {self._file.file} cannot be read ({error}); "
            "defaults are used until it is mended, or until a setting is changed: then it "
            "is kept aside and begun anew."
        )
        return tomlkit.document()

    def _taken_in(self, document: Mapping[str, Any]) -> Settings:
        sources: dict[str, str] = {}
        values: dict[str, dict[str, Any]] = {}
        for key, setting in self._declared.items():
            section, name = key.split(".")
            value, source = setting.default, "default"
            for candidate, origin in self._candidates(document, setting):
                try:
                    value, source = _checked(setting, candidate), origin
                except SettingsError as error:
                    self.notices.append(f"{error} (from the {origin}; ignored)")
            values.setdefault(section, {})[name] = value
            sources[key] = source
        self.sources = sources
        return Settings.model_validate(values)

    def _candidates(self, document: Mapping[str, Any], setting: Declared) -> list[tuple[Any, str]]:
        section, name = setting.key.split(".")
        found: list[tuple[Any, str]] = []
        table = document.get(section)
        if isinstance(table, Mapping) and name in table:
            found.append((table[name], "file"))
        if setting.variable in self._environment:
            found.append((self._environment[setting.variable], "environment"))
        if setting.key in self._flags:
            found.append((self._flags[setting.key], "flag"))
        return found


def _value(settings: Settings, key: str) -> Any:
    section, name = key.split(".")
    return getattr(getattr(settings, section), name)


def _checked(setting: Declared, value: Any) -> Any:
    section, name = setting.key.split(".")
    model = Settings.model_fields[section].annotation
    assert isinstance(model, type)
    assert issubclass(model, BaseModel)
    raw = value.unwrap() if hasattr(value, "unwrap") else value
    if isinstance(raw, str) and not is_text(raw):
        raise SettingsError(
            f"“{raw}” is not usable for {setting.key}: the name is not written in UTF-8, which "
            "the settings file is. Rename the file or folder."
        )
    try:
        return getattr(model.model_validate({name: raw}), name)
    except ValidationError as error:
        detail = error.errors()[0]["msg"]
        raise SettingsError(f"“{raw}” is not usable for {setting.key}: {detail}") from error
