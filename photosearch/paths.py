"""Where the program keeps its things: one value, made once at the start.

Knows names and places only; creates folders on request, reads nothing.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

HOME_VARIABLE = "PHOTOSEARCH_HOME"


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
    def window_state(self) -> Path:
        return self.data / "window.json"

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
        """Create the folders. `OSError` is raised where the disk refuses."""
        for folder in (self.config, self.data, self.cache):
            folder.mkdir(parents=True, exist_ok=True)


def resources() -> Path:
    """Return the folder of bundled resources, in a wheel, a bundle or a source tree."""
    package = Path(__file__).resolve().parent
    packed = package / "resources"
    return packed if packed.is_dir() else package.parent / "resources"
