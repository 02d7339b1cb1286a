"""Where the program keeps its things: one value, made once at the start.

Knows names and places only; creates folders on request, reads nothing.
"""

from __future__ import annotations

import contextlib
import os
import re
import stat
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from photosearch.errors import UsageError

HOME_VARIABLE = "PHOTOSEARCH_HOME"
# Names under which settings, lists of models and verdicts on devices are written at first.
_HALF_WRITTEN = re.compile(r"settings\w{8}\.tmp|((models|accepted)\.json|devices)\.\w{8}")
_OLD_S = 3600.0
# Set to anything, it lets a library lie on a network share: for who knows that one computer alone
# uses it, and that the share can do what SQLite asks of it.
SHARE_VARIABLE = "PHOTOSEARCH_HOME_ON_SHARE"


@dataclass(frozen=True, slots=True)
class Paths:
    """The program's own folders; photos are never below them."""

    config: Path
    data: Path
    cache: Path

    @classmethod
    def below(cls, home: Path) -> Paths:
        """Keep everything below one folder (`--home`, `PHOTOSEARCH_HOME`)."""
        home = home.expanduser().absolute()
        return cls(config=home, data=home, cache=home / "cache")

    @classmethod
    def of_user(cls) -> Paths:
        """Use `PHOTOSEARCH_HOME`, or else the places that the system proposes."""
        if home := os.environ.get(HOME_VARIABLE):
            return cls.below(Path(home))
        import platformdirs

        name = "photosearch"
        return cls(
            config=Path(platformdirs.user_config_dir(name, False)),
            data=Path(platformdirs.user_data_dir(name, False)),
            cache=Path(platformdirs.user_cache_dir(name, False)),
        )

    @property
    def settings_file(self) -> Path:
        return self.config / "settings.toml"

    @property
    def database(self) -> Path:
        return self.data / "library.db"

    @property
    def models_file(self) -> Path:
        return self.data / "models.json"

    @property
    def models(self) -> Path:
        """Where models that the program fetched lie, unless `models.folder` says otherwise."""
        return self.data / "models"

    def models_in(self, chosen: str) -> Path:
        """Return where they lie, with what `models.folder` says."""
        return Path(chosen).expanduser().absolute() if chosen else self.models

    @property
    def accepted_file(self) -> Path:
        return self.data / "accepted.json"

    @property
    def devices_file(self) -> Path:
        return self.data / "devices.json"

    @property
    def gpu_pack(self) -> Path:
        return self.data / "gpu"

    @property
    def prepared(self) -> Path:
        """Graphs made for this machine, and what was measured of them: a cache."""
        return self.cache / "prepared"

    @property
    def window_state(self) -> Path:
        return self.data / "window.json"

    @property
    def window_lock(self) -> Path:
        """Held by the one window that may be open; in it stands where the window listens."""
        return self.data / "window.lock"

    @property
    def thumbnails(self) -> Path:
        return self.cache / "thumbnails.db"

    @property
    def face_thumbnails(self) -> Path:
        return self.cache / "faces.db"

    @property
    def indexes(self) -> Path:
        return self.cache / "index"

    @property
    def log_file(self) -> Path:
        return self.data / "logs" / "photosearch.log"

    def create(self) -> None:
        """Create the folders, for this user only. `UsageError` says where the disk refuses.

        What an earlier version left open to others is closed; a folder that was there before it
        became a home keeps its own rights. What a killed program left half-written goes.
        """
        try:
            self._create()
        except OSError as error:
            raise UsageError(
                f"PhotoSearch cannot write to {error.filename}: {error.strerror}. "
                "Choose another place with --home."
            ) from error

    def _create(self) -> None:
        for folder in (self.config, self.data, self.cache):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        for folder in {self.config, self.data}:
            for path in folder.iterdir():
                if _HALF_WRITTEN.fullmatch(path.name) and _is_old(path):
                    path.unlink(missing_ok=True)
        if sys.platform == "win32":  # there a user's folder is closed to others by itself
            return
        logs = self.log_file.parent
        known = (self.database, self.thumbnails, self.face_thumbnails)
        for file in (
            *(each.with_name(each.name + end) for each in known for end in ("", "-wal", "-shm")),
            *self.data.glob(f"{self.database.stem}*"),
            *logs.glob("*"),
            *(self.settings_file, self.window_state, self.cache, logs),
        ):
            _close_to_others(file)


def _close_to_others(file: Path) -> None:
    """Take from a file or folder the rights of everybody but its owner."""
    with contextlib.suppress(OSError):  # it is not there, or not ours
        mode = stat.S_IMODE(file.lstat().st_mode)
        if mode & 0o077 and not file.is_symlink():
            file.chmod(mode & 0o700)


def _is_old(path: Path) -> bool:
    """Whether nobody can be writing it any more; a clock that was set back makes it wait."""
    try:
        return time.time() - path.stat().st_mtime > _OLD_S
    except OSError:
        return False


def resources() -> Path:
    """Return the folder of bundled resources, in a wheel, a bundle or a source tree."""
    package = Path(__file__).resolve().parent
    packed = package / "resources"
    return packed if packed.is_dir() else package.parent / "resources"
