"""Which licences the user has accepted, once for each model: a small JSON file."""

from __future__ import annotations

import contextlib
import json
import os
from pathlib import Path
from typing import Any

from photosearch.errors import ModelError
from photosearch.outside import read_json
from photosearch.settings.held import held
from photosearch.types import CatalogueEntry

_FORMAT = 1


class Consent:
    """Reads its file at every call: another program may have written it."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def given(self, entry: CatalogueEntry) -> bool:
        """Say whether a model may be fetched: its licence asks for nothing, or was accepted."""
        if not entry.licence.research_only:
            return True
        return self._read().get(entry.name) == entry.licence.name

    def give(self, entry: CatalogueEntry) -> None:
        """Remember that the user has accepted a model's licence."""
        try:
            with held(self._path):
                self._write(self._read() | {entry.name: entry.licence.name})
        except OSError as error:
            raise ModelError(
                f"{self._path} cannot be written: {error.strerror or error}."
            ) from error

    def _write(self, accepted: dict[str, Any]) -> None:
        text = json.dumps({"format": _FORMAT, "accepted": accepted}, indent=1)
        temporary = self._path.with_name(f"{self._path.name}.{os.getpid()}")
        try:
            temporary.write_text(text, encoding="utf-8")
            temporary.replace(self._path)
        except OSError:
            with contextlib.suppress(OSError):
                temporary.unlink()
            raise

    def _read(self) -> dict[str, Any]:
        """Return the licence accepted for each model; a damaged file accepts nothing."""
        try:
            accepted = read_json(self._path)["accepted"]
        except (OSError, ValueError, KeyError, TypeError):
            return {}
        return dict(accepted) if isinstance(accepted, dict) else {}
