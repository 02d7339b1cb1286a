"""Settings as they hold now: defaults, then the file, the environment, the command line.

A value that cannot be used is replaced by its default and leaves a notice; the file keeps its
comments and everything this version does not know.
"""

from __future__ import annotations

import logging
import os
import tempfile
import threading
from collections.abc import Mapping, MutableMapping
from pathlib import Path
from typing import Any

import tomlkit
from pydantic import BaseModel, ValidationError
from tomlkit.exceptions import TOMLKitError

from photosearch.errors import SettingsError
from photosearch.settings.schema import Declared, Settings, declared

_log = logging.getLogger(__name__)


class SettingsStore:
    """The one place that reads and writes settings; safe to use from several threads."""

    def __init__(
        self,
        file: Path,
        environment: Mapping[str, str] | None = None,
        flags: Mapping[str, str] | None = None,
    ) -> None:
        self._file = file
        self._lock = threading.RLock()
        self._environment = os.environ if environment is None else environment
        self._flags = dict(flags or {})
        self._declared = {setting.key: setting for setting in declared()}
        self.notices: list[str] = []
        self.sources: dict[str, str] = {}
        self.current: Settings = self._load()

    def get(self, key: str) -> Any:
        """Return the value of `section.name`; `SettingsError` for an unknown key."""
        section, name = self._find(key).key.split(".")
        return getattr(getattr(self.current, section), name)

    def variable(self, key: str) -> str:
        """Return the environment variable that overrides a setting."""
        return self._find(key).variable

    def set(self, key: str, value: Any) -> Settings:
        """Check, write to the file and take effect; returns the new settings."""
        setting = self._find(key)
        checked = _checked(setting, value)
        with self._lock:
            document = self._read()
            section, name = key.split(".")
            if not isinstance(document.get(section), MutableMapping):
                document[section] = tomlkit.table()
            document[section][name] = checked
            self._write(tomlkit.dumps(document))
            self._flags.pop(key, None)
            self.notices.clear()
            self.current = self._load()
            return self.current

    def _find(self, key: str) -> Declared:
        if key not in self._declared:
            known = ", ".join(self._declared)
            raise SettingsError(f"There is no setting “{key}”. Known settings: {known}.")
        return self._declared[key]

    def _load(self) -> Settings:
        document = self._read(notice=True)
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
            self.sources[key] = source
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

    def _read(self, *, notice: bool = False) -> tomlkit.TOMLDocument:
        try:
            return tomlkit.parse(self._file.read_text(encoding="utf-8-sig"))
        except (FileNotFoundError, NotADirectoryError):
            return tomlkit.document()
        except (OSError, UnicodeDecodeError, TOMLKitError) as error:
            if notice:
                self.notices.append(
                    f"The settings file {self._file} cannot be read ({error}); "
                    "defaults are used until it is mended."
                )
                return tomlkit.document()
            raise SettingsError(
                f"The settings file {self._file} cannot be read ({error}); "
                "mend or delete it, then try again."
            ) from error

    def _write(self, text: str) -> None:
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            # A name of its own: another program may be saving, too.
            descriptor, name = tempfile.mkstemp(".tmp", self._file.stem, self._file.parent)
            temporary = Path(name)
            try:
                with open(descriptor, "w", encoding="utf-8") as stream:
                    stream.write(text)
                    stream.flush()
                    os.fsync(stream.fileno())
                temporary.replace(self._file)
            except BaseException:
                temporary.unlink(missing_ok=True)
                raise
        except OSError as error:
            raise SettingsError(f"The settings could not be saved: {error}.") from error


def _checked(setting: Declared, value: Any) -> Any:
    section, name = setting.key.split(".")
    model = Settings.model_fields[section].annotation
    assert isinstance(model, type)
    assert issubclass(model, BaseModel)
    raw = value.unwrap() if hasattr(value, "unwrap") else value
    try:
        return getattr(model.model_validate({name: raw}), name)
    except ValidationError as error:
        detail = error.errors()[0]["msg"]
        raise SettingsError(f"“{raw}” is not usable for {setting.key}: {detail}") from error
