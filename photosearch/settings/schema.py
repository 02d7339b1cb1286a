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


def _setting(
    default: Any,
    title: str,
    description: str,
    *,
    unit: str = "",
    expert: bool = False,
    here: bool = False,
    window: bool = False,
    **limits: Any,
) -> Any:
    """Declare a setting; one for experts is shown in the pane only when it is asked for.

    What makes sense on this computer only (`here`) is not taken along to another one. The command
    line does without what concerns the `window` only, and says so.
    """
    return Field(
        default,
        title=title,
        description=description,
        json_schema_extra={"unit": unit, "expert": expert, "here": here, "window": window},
        **limits,
    )


class SearchSettings(_Section):
    """Finding photos."""

    enabled: bool = _setting(
        True, "Search by what photos show", "Find photos by what they show, with a search model"
    )
    model: str = _setting(
        "", "Search model", "Search model in use; empty: find by names only", expert=True, here=True
    )
    coming: str = _setting(
        "",
        "Coming search model",
        "Search model that is being prepared and takes over when it is complete; empty: none",
        expert=True,
        here=True,
    )
    language: str = _setting(
        "en",
        "Language of searches",
        "Language you search in, as a code like en or de; for models that must be told",
        pattern=r"^[a-z]{2,3}(_[A-Z][a-z]{3})?$",
    )
    results: int = _setting(500, "Results", "How many results a search shows", ge=1, le=100_000)


class FaceSettings(_Section):
    """Finding faces and telling people apart."""

    enabled: bool = _setting(True, "Look for faces", "Look for faces in photos")
    model: str = _setting(
        "", "Face pack", "Face pack in use; empty: faces are not looked for", expert=True, here=True
    )
    strictness: float = _setting(
        0.5,
        "Strictness",
        "How alike faces must be to be one person: 0 loose, 1 strict",
        ge=0,
        le=1,
    )


class ModelSettings(_Section):
    """Where models come from and lie."""

    folder: str = _setting(
        "",
        "Folder for models",
        "Where downloaded models are kept; empty: in the program's own folder",
        here=True,
    )


class DeviceSettings(_Section):
    """What the models run on."""

    provider: str = _setting(
        "auto",
        "Device",
        "Device for the models: auto, cpu, cuda, directml, coreml, openvino, or one of several as "
        "in cuda:1; auto takes a graphics card where one works",
        pattern=r"^(auto|cpu|(cuda|directml|coreml|openvino|migraphx|rocm)(:\d{1,2})?)$",
        here=True,
    )
    precision: Literal["auto", "fp32", "int8", "fp16"] = _setting(
        "auto",
        "Precision",
        "How exactly models calculate; auto takes the fastest that finds the same photos",
        here=True,
    )
    threads: int = _setting(
        0,
        "Threads",
        "Processor threads for models; 0: all cores",
        ge=0,
        le=256,
        expert=True,
        here=True,
    )
    idle_s: int = _setting(
        300,
        "Idle time",
        "Seconds after which a model that is not used leaves memory",
        unit="s",
        ge=1,
        le=86_400,
        expert=True,
        here=True,
    )


class IndexingSettings(_Section):
    """Reading photos into the library."""

    speed: Literal["full", "balanced", "gentle"] = _setting(
        "full",
        "Speed",
        "How much of the computer indexing may take: full, balanced or gentle",
        here=True,
    )
    pause_on_battery: bool = _setting(
        True,
        "Pause on battery",
        "Do not index while the computer runs on its battery",
        window=True,
    )
    background: bool = _setting(
        False,
        "Keep indexing in the background",
        "Closing the window leaves PhotoSearch at work, with an icon in the tray",
        here=True,
        window=True,
    )
    autostart: bool = _setting(
        False,
        "Start with the computer",
        "Start PhotoSearch when you sign in; without a window where it works in the background",
        here=True,
        window=True,
    )
    watch: bool = _setting(
        True,
        "Watch folders",
        "Notice new and changed photos at once, without looking for changes",
        window=True,
    )
    decoders: int = _setting(
        0,
        "Decoders",
        "Processes that read photos at once; 0: as many as the speed says",
        ge=0,
        le=64,
        expert=True,
        here=True,
    )
    batch: int = _setting(
        0,
        "Batch",
        "Photos a model sees at once; 0: as measured",
        ge=0,
        le=256,
        expert=True,
        here=True,
    )
    decode_timeout_s: int = _setting(
        60,
        "Time for one photo",
        "Seconds one photo may take to open before it is given up",
        unit="s",
        ge=1,
        le=3600,
        expert=True,
        here=True,
    )


class AppearanceSettings(_Section):
    """How the window looks, and the language it speaks."""

    language: Literal["system", "en", "de", "fr"] = _setting(
        "system",
        "Language",
        "Language of the window; system follows the desktop; it holds from the next start on",
    )
    theme: Literal["system", "light", "dark"] = _setting(
        "system", "Theme", "Light or dark; system follows the desktop"
    )
    tile_px: int = _setting(
        176, "Size of pictures", "Size of the pictures in the grid", unit="px", ge=80, le=480
    )


class Settings(_Section):
    """All settings; a frozen value that travels freely between threads."""

    search: SearchSettings = SearchSettings()
    faces: FaceSettings = FaceSettings()
    models: ModelSettings = ModelSettings()
    devices: DeviceSettings = DeviceSettings()
    indexing: IndexingSettings = IndexingSettings()
    appearance: AppearanceSettings = AppearanceSettings()


@dataclass(frozen=True, slots=True)
class Declared:
    """One setting as declared; `key` is `section.name`."""

    key: str
    title: str
    description: str
    default: Any
    choices: tuple[str, ...]
    kind: type
    unit: str
    expert: bool
    here: bool
    window: bool
    least: float | None
    most: float | None
    pattern: str | None

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
    extra = info.json_schema_extra if isinstance(info.json_schema_extra, dict) else {}
    limits: dict[str, Any] = {"least": None, "most": None, "pattern": None}
    for each in info.metadata:
        limits["least"] = getattr(each, "ge", limits["least"])
        limits["most"] = getattr(each, "le", limits["most"])
        limits["pattern"] = getattr(each, "pattern", limits["pattern"])
    return Declared(
        key=key,
        title=info.title or key,
        description=info.description or "",
        default=info.default,
        choices=tuple(str(choice) for choice in choices),
        kind=type(info.default),
        unit=str(extra.get("unit", "")),
        expert=bool(extra.get("expert")),
        here=bool(extra.get("here")),
        window=bool(extra.get("window")),
        **limits,
    )
