"""A hub on loopback, the real client set to it, and a library that gets models from it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import hub_server
import pytest
import tiny_models
from hub_server import Hub

from photosearch.inference.hub.patience import Patience
from photosearch.library import Library
from photosearch.models.downloads import Means
from photosearch.models.getting import Getting
from photosearch.paths import Paths
from photosearch.settings.store import SettingsStore
from photosearch.types import AnyModel, DownloadProgress

MODEL = "ViT-B-32__openai"  # any of the catalogue: the hub here serves a tiny one in its place
REPOSITORY = f"immich-app/{MODEL}"
PATIENCE = Patience(first_s=0.01, longest_s=0.05, tries=4, tries_at_first=2, connect_s=5, read_s=5)


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Hub]:
    """Serve one tiny model; the real client of this process asks here."""
    import huggingface_hub
    from huggingface_hub.utils import close_session

    with hub_server.running() as served:
        served.add(REPOSITORY, tiny_models.write(tmp_path / "published"))
        monkeypatch.setenv("HF_ENDPOINT", served.url)
        monkeypatch.setenv("HF_TOKEN", "hf_secret")
        monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", False)
        yield served
        close_session()


@dataclass
class World:
    """A library of its own, and what was told of downloads."""

    library: Library
    told: list[DownloadProgress] = field(default_factory=list)

    @property
    def folder(self) -> Path:
        return self.library.paths.models

    @property
    def notes(self) -> list[str]:
        return [each.note for each in self.told if each.note]

    def with_means(self, means: Means) -> World:
        library = self.library
        library.getting = Getting(
            library.paths, library.settings, library._models, library.add_model, means
        )
        return self

    def get(self, name: str = MODEL) -> AnyModel:
        return self.library.getting.get(name, self.told.append, lambda: None)

    def repair(self, name: str = MODEL) -> AnyModel:
        return self.library.getting.repair(name, self.told.append, lambda: None)

    def add(self, path: Path) -> AnyModel:
        return self.library.getting.add(str(path), self.told.append, lambda: None)

    def files(self, name: str = MODEL) -> set[str]:
        folder = self.folder / name
        return {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()}


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    paths = Paths.below(tmp_path / "home")
    settings = SettingsStore(paths.settings_file, environment={})
    library = Library(paths, settings, own_engine=False)
    yield World(library).with_means(Means(PATIENCE))
    library.close()
