"""What models can run on, what was found out about it, and how models are prepared for it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class EngineHealth(StrEnum):
    """How the process fares in which models run."""

    WELL = "well"
    RESTARTING = "restarting"  # it died
    RESTING = "resting"  # it died again and again, and is tried once more later


@dataclass(frozen=True, slots=True)
class Device:
    """Something that can run a model; `provider` is ONNX Runtime's name for it."""

    id: str  # cpu, cuda, cuda:1, directml, directml:1, ... as the setting devices.provider says
    name: str
    provider: str
    adapter: int = 0  # which one of those that the provider knows
    adapter_name: str = ""  # "NVIDIA GeForce RTX 3060"
    driver: str = ""  # version, where it is known


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a trial of a device in a child process showed; remembered per driver and runtime."""

    works: bool
    reason: str = ""  # why it does not, a sentence
    seconds: float = 0.0  # one run of the trial's model
    nodes: int = 0  # of the trial's model
    fallback_nodes: int = 0  # of those, how many the CPU ran
    half: bool = False  # it also computes rightly in float16


@dataclass(frozen=True, slots=True)
class DeviceReport:
    """One device as the pane and `photosearch doctor` show it."""

    device: Device
    verdict: Verdict | None = None  # None: not tried yet
    in_use: bool = False
    chosen: bool = False  # by hand


@dataclass(frozen=True, slots=True)
class RuntimeReport:
    """Which ONNX Runtime the engine uses, and what really runs there."""

    version: str
    distribution: str  # onnxruntime, onnxruntime-directml, onnxruntime-gpu, ...
    source: str  # "installed with PhotoSearch" | "GPU pack in DIR"
    device: str = ""  # empty until a model has run
    nodes: int = 0
    fallback_nodes: int = 0
    notices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class GpuPack:
    """The runtime for NVIDIA cards that the program installs beside its own."""

    installed: bool
    folder: str
    version: str = ""
    bytes_on_disk: int = 0
    download_bytes: int = 0  # what installing it would fetch
    supported: bool = True  # this system can have one
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Tower:
    """How one half of a model is run: which graph, at which precision, how many at once."""

    graph: str = ""  # path of a prepared graph; empty: the model's own
    precision: str = "fp32"  # fp32 | int8 | fp16
    batch: int = 16


@dataclass(frozen=True, slots=True)
class Plan:
    """How a model is run on a device of this machine, as measured when it was prepared."""

    image: Tower = Tower()
    text: Tower = Tower(batch=1)
    threads: int = 0  # 0: one for each core
    device: str = ""  # what it was measured on: it holds for no other; empty: nothing was measured


@dataclass(frozen=True, slots=True)
class PrecisionResult:
    """One precision as it was measured; fidelity is against the model's own graph."""

    precision: str
    images_per_second: float
    batch: int
    cosine: float  # mean over sample photos
    overlap: float  # of the top-10 lists of sample queries, 0 to 1
    usable: bool
    reason: str = ""  # why it is not used


@dataclass(frozen=True, slots=True)
class Measurement:
    """What preparing a model on a device gave."""

    device: str
    plan: Plan
    results: tuple[PrecisionResult, ...]
    text_ms: float  # one query
    text_memory_bytes: int = 0
    notes: tuple[str, ...] = ()  # sentences: why something is as it is


@dataclass(frozen=True, slots=True)
class Calibration:
    """How fast this machine multiplies, in GFLOP a second."""

    device: str
    fp32: float
    int8: float
    fp16: float = 0.0


@dataclass(frozen=True, slots=True)
class StoredThing:
    """Something the program keeps, for the privacy section."""

    name: str  # library, thumbnails, index, models, logs, ...
    title: str
    sentence: str  # what is in it
    path: str
    bytes_on_disk: int
    clearable: bool  # a cache: it is made again
