"""The settings file as text: read, changed while others wait, and mended.

A file that is damaged as a whole, or empty, is kept aside and written again as it last was: from
the start by the copy beside it, later once it has rested. It knows nothing of what the settings
mean.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import tomlkit
from tomlkit.exceptions import TOMLKitError

from photosearch.errors import SettingsError
from photosearch.settings.held import held
from photosearch.settings.keeping import Copy
from photosearch.settings.writing import free, rested, write_whole

_log = logging.getLogger(__name__)


class DamagedFileError(SettingsError):
    """The file holds no settings: it was damaged, or mistyped."""


class SettingsFile:
    """What lies on the disk, and what lay there when it was last sound.

    One thread at a time uses it.
    """

    def __init__(self, file: Path) -> None:
        self.file = file
        self._copy = Copy(file)
        self._untold: list[str] = []  # sentences for those who hear of a mended file
        self._sound: str | None = None  # the last text that could be read and held something

    def news(self) -> list[str]:
        """Return the sentences on what was mended since this was last asked."""
        told, self._untold = self._untold, []
        return told

    def rested(self) -> bool:
        """Whether nobody has written to it just now."""
        return rested(self.file)

    def stamp(self) -> object:
        """Return what is another after each change of the file."""
        try:
            status = self.file.stat()
        except OSError:
            return None
        return status.st_mtime_ns, status.st_size, status.st_ino

    def read(self) -> tomlkit.TOMLDocument:
        """Return what the file holds, nothing where there is none.

        `DamagedFileError` when those are no settings, `SettingsError` when it cannot be read.
        """
        try:
            text = self.file.read_text(encoding="utf-8-sig")
            if not text and self.before():
                raise ValueError("it is empty")
            document = tomlkit.parse(text)
        except (FileNotFoundError, NotADirectoryError):
            text, document = "", tomlkit.document()
        except (OSError, ValueError, RecursionError, TOMLKitError) as error:
            kind = SettingsError if isinstance(error, OSError) else DamagedFileError
            raise kind(
                f"The settings file {self.file} cannot be read ({error}); "
                "mend or delete it, then try again."
            ) from error
        self._sound = text or self._sound or ""
        if text:
            self._copy.keep(text)
        return document

    def before(self) -> str | None:
        """Return what the file held when it was last sound, as far as that is known."""
        if self._sound is None:
            self._sound = self._copy.sound()
        return self._sound

    @contextmanager
    def changing(self, *, anew: bool = False) -> Iterator[tomlkit.TOMLDocument]:
        """Lend the file's content and write what became of it; other programs wait meanwhile.

        A damaged file is kept aside, and begun as it was when it last could be read; where that
        never was, only if it is to be begun `anew`.
        """
        try:
            with held(self.file):
                document = self._document() if anew or self.before() is not None else self.read()
                before = tomlkit.dumps(document) if self.file.exists() else ""
                yield document
                if tomlkit.dumps(document) != before:
                    # An empty file would count as damaged.
                    write_whole(self.file, tomlkit.dumps(document) or "\n")
        except OSError as error:
            raise SettingsError(
                f"The settings could not be saved: {error.strerror or error}."
            ) from error

    def _document(self) -> tomlkit.TOMLDocument:
        """Return the file to write into; a damaged one is kept aside."""
        try:
            return self.read()
        except DamagedFileError as error:
            aside = free(self.file.with_name(f"{self.file.stem}-damaged.toml"))
            try:
                self.file.replace(aside)
            except OSError as refused:
                raise SettingsError(f"{error} It cannot be moved away: {refused}.") from error
            _log.info("%s cannot be read (%s); kept as %s", self.file, error.__cause__, aside)
            before = self.before()
            if before is None:
                self._untold.append(
                    "The settings file was damaged. It is begun anew; the damaged file is kept as "
                    f"{aside}."
                )
            else:
                self._untold.append(
                    "The settings file was damaged. Your settings are as they were; the damaged "
                    f"file is kept as {aside}."
                )
            return tomlkit.parse(before or "")

    def mend(self) -> bool:
        """Put a damaged file aside and write what it held before, as far as that is known."""
        if self.before() is None:
            return False
        try:
            with self.changing():
                pass  # what is lent is written, unless another program has mended the file
        except SettingsError as error:
            self._untold.append(
                f"The settings file was damaged. {error} Your settings hold until you close "
                "PhotoSearch."
            )
            return False
        return True
