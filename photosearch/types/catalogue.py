"""Models one may choose: what the catalogue says of them, and how far each is on this machine."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from photosearch.types.models import AnyModel


class ModelKind(StrEnum):
    SEARCH = "search"
    FACES = "faces"


@dataclass(frozen=True, slots=True)
class Licence:
    """Under which terms the weights may be used."""

    name: str
    url: str
    research_only: bool = False  # shown and accepted once, before the download
    notice: str = ""  # a sentence to show beside it


@dataclass(frozen=True, slots=True)
class Recall:
    """How often the right photo is among the first, in percent."""

    language: str  # ISO 639-1
    percent: float


@dataclass(frozen=True, slots=True)
class CatalogueEntry:
    """A model as `resources/models.toml` describes it; its own files decide what it is."""

    name: str  # of its folder, and in the registry
    kind: ModelKind
    title: str
    sentence: str  # what it is good for, in plain words
    repositories: tuple[str, ...]  # on the hub; two for a detector and a recogniser apart
    dimension: int  # a hint
    input_px: int  # a hint
    parameters: float  # millions; 0: not known
    gflops_image: float | None  # for one photo (a face pack: for one detection)
    gflops_text: float | None
    download_bytes: int
    memory_bytes: int  # both towers in fp32, as measured by others; 0: not known
    recall: tuple[Recall, ...]
    recall_source: str
    languages: tuple[str, ...]  # ISO 639-1; ("*",) for a hundred or more
    licence: Licence
    files: tuple[tuple[str, str], ...] = ()  # a maker's own file name, and its place in the layout


class OfferState(StrEnum):
    AVAILABLE = "available"  # in the catalogue, not on this machine
    DOWNLOADING = "downloading"
    PAUSED = "paused"  # a part of it is here
    INSTALLED = "installed"
    COMING = "coming"  # photos are prepared for it beside the model in use
    IN_USE = "in use"
    PROBLEM = "problem"


@dataclass(frozen=True, slots=True)
class DownloadProgress:
    """How far a model's files are; `stage` is listing, downloading, verifying or reading."""

    name: str
    stage: str
    done_bytes: int = 0
    total_bytes: int = 0  # 0: not known yet
    bytes_per_second: float = 0.0
    seconds_left: float | None = None
    file: str = ""  # the one at hand
    note: str = ""  # a sentence, e.g. that the hub asked to wait


@dataclass(frozen=True, slots=True)
class Speed:
    """How many photos a second a model takes here."""

    per_second: float
    measured: bool  # with this model, not estimated from a calibration


@dataclass(frozen=True, slots=True)
class ModelOffer:
    """One model of the table in the settings pane: of the catalogue, of the user's own, or both."""

    name: str
    kind: ModelKind
    title: str
    state: OfferState
    entry: CatalogueEntry | None = None  # None: brought by the user
    info: AnyModel | None = None  # None: not on this machine
    progress: DownloadProgress | None = None
    speed: Speed | None = None
    hours: float | None = None  # for what this library still lacks of it
    memory_bytes: int = 0
    download_bytes: int = 0
    disk_bytes: int = 0  # of its files here, parts of a download included
    vectors: int = 0  # photos that have a vector of it
    accepted: bool = True  # its licence, where it must be
    problem: str = ""
    owned: bool = False  # its files lie in our models folder: they can be deleted


@dataclass(frozen=True, slots=True)
class Preset:
    """A choice in plain words."""

    name: str  # light, balanced, ...
    title: str
    sentence: str
    model: str  # name of a catalogue entry
    recommended: bool = False
    reason: str = ""  # why it is the recommended one, a sentence


@dataclass(frozen=True, slots=True)
class SwitchCost:
    """What choosing another search model would take."""

    name: str
    download_bytes: int
    photos: int  # without a vector of it
    seconds: float | None  # None: speed unknown
    disk_bytes: int  # its files, its vectors and its index when done
    free_bytes: int  # on the disk they would lie on
    from_originals: int = 0  # photos whose thumbnails are too small for it
    unreachable: int = 0  # of those, on drives that are not there


@dataclass(frozen=True, slots=True)
class Switch:
    """A search model that is being prepared beside the one in use."""

    coming: str
    current: str
    done: int
    total: int
    seconds_left: float | None = None


@dataclass(frozen=True, slots=True)
class Leftover:
    """A model that is no longer in use, and what deleting it would free."""

    name: str
    kind: ModelKind
    file_bytes: int  # 0 where the files are not ours to delete
    vectors: int
    vector_bytes: int


@dataclass(frozen=True, slots=True)
class TrialResult:
    """What one model answered."""

    name: str
    photos: tuple[int, ...]  # ids, best first
    scores: tuple[float, ...]
    per_second: float  # photos turned into vectors
    query_ms: float
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Trial:
    """Some models asked the same about the same photos."""

    query: str
    photos: int
    results: tuple[TrialResult, ...]


@dataclass(frozen=True, slots=True)
class TrialProgress:
    """How far a trial is."""

    model: str
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class Conversion:
    """An open_clip model to export: an architecture with a published tag or one's own weights."""

    name: str
    architecture: str
    pretrained: str = ""
    checkpoint: str = ""  # path of a file
    tokenizer: str = ""  # folder or file of a tokenizer, where open_clip names one on the hub


@dataclass(frozen=True, slots=True)
class ConversionProgress:
    """What a conversion is at: loading, exporting, comparing, registering."""

    stage: str
    step: int
    steps: int
    note: str = ""
