"""THE declaration of every setting: name, type, default, limits, and the words for it.

The settings file, the environment (`PHOTOSEARCH_SECTION_NAME`), the command line
(`--section-name`) and the settings pane all come from here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel, ConfigDict, Field
from pydantic.fields import FieldInfo


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class SearchSettings(_Section):
    """Finding photos."""

    model: str = Field("", description="Search model in use; empty: find by names only")
    results: int = Field(500, ge=1, le=100_000, description="How many results a search shows")


class FaceSettings(_Section):
    """Finding faces and telling people apart."""

    enabled: bool = Field(True, description="Look for faces in photos")
    model: str = Field("", description="Face pack in use; empty: faces are not looked for")
    strictness: float = Field(
        0.5, ge=0, le=1, description="How alike faces must be to be one person: 0 loose, 1 strict"
    )


class DeviceSettings(_Section):
    """What the models run on."""

    provider: Literal["auto", "cpu", "cuda", "directml", "coreml"] = Field(
        "auto", description="Device for the models; auto takes a graphics card where one works"
    )
    threads: int = Field(0, ge=0, le=256, description="Processor threads for models; 0: all cores")


class IndexingSettings(_Section):
    """Reading photos into the library."""

    decoders: int = Field(
        0, ge=0, le=64, description="Processes that read photos at once; 0: one for each core"
    )
    batch: int = Field(16, ge=1, le=256, description="Photos a model sees at once")
    decode_timeout_s: int = Field(
        60, ge=1, le=3600, description="Seconds one photo may take to open before it is given up"
    )


class AppearanceSettings(_Section):
    """How the window looks."""

    theme: Literal["system", "light", "dark"] = Field(
        "system", description="Light or dark; system follows the desktop"
    )
    tile_px: int = Field(176, ge=80, le=480, description="Size of the pictures in the grid")


class Settings(_Section):
    """All settings; a frozen value that travels freely between threads."""

    search: SearchSettings = SearchSettings()
    faces: FaceSettings = FaceSettings()
    devices: DeviceSettings = DeviceSettings()
    indexing: IndexingSettings = IndexingSettings()
    appearance: AppearanceSettings = AppearanceSettings()


@dataclass(frozen=True, slots=True)
class Declared:
    """One setting as declared; `key` is `section.name`."""

    key: str
    description: str
    default: Any
    choices: tuple[str, ...]
    kind: type

    @property
    def variable(self) -> str:
        return "PHOTOSEARCH_" + self.key.replace(".", "_").upper()

    @property
    def flag(self) -> str:
        return "--" + self.key.replace(".", "-").replace("_", "-")


def declared() -> Iterator[Declared]:
    """Yield every setting in the order of its declaration."""
    for section, holder in Settings.model_fields.items():
        model = holder.annotation
        assert isinstance(model, type)
        assert issubclass(model, BaseModel)
        for name, info in model.model_fields.items():
            yield _declared(f"{section}.{name}", info)


def _declared(key: str, info: FieldInfo) -> Declared:
    choices = get_args(info.annotation) if get_origin(info.annotation) is Literal else ()
    return Declared(
        key=key,
        description=info.description or "",
        default=info.default,
        choices=tuple(str(choice) for choice in choices),
        kind=type(info.default),
    )
