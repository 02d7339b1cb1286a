"""Models and devices in memory: the facades of the library with knobs, for tests of the pane.

Attached to `FakeLibrary` as getting, offers, measuring, switching, trials, converting, devices.
Every verb passes the library's own door, so that a call on the window's thread is noticed.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from photosearch.errors import ModelError
from photosearch.types import (
    AnyModel,
    CatalogueEntry,
    Check,
    Conversion,
    ConversionProgress,
    DownloadProgress,
    FacePackInfo,
    Leftover,
    Licence,
    Measurement,
    ModelInfo,
    ModelKey,
    ModelKind,
    ModelOffer,
    OfferState,
    Plan,
    PrecisionResult,
    Preprocess,
    Preset,
    Recall,
    Speed,
    Switch,
    SwitchCost,
    Trial,
    TrialProgress,
    TrialResult,
)

Enter = Callable[..., None]
APACHE = Licence("Apache-2.0", "https://www.apache.org/licenses/LICENSE-2.0")
MIT = Licence("MIT", "https://opensource.org/license/mit")
RESEARCH = Licence("CC-BY-NC-4.0", "https://creativecommons.org/licenses/by-nc/4.0/", True)
INSIGHT = Licence("InsightFace", "https://github.com/deepinsight/insightface", True)
GB = 1_000_000_000
BIG = ("de", "fr", "es", "it", "ja", "hi")
EUROPE = ("en", "de", "fr", "es", "it")
APPLE = Licence("Apple sample code", "https://example.org/apple")
# name, title, dim, px, GB, recall of English and of the languages above, languages, licence, speed
SEARCH_MODELS: tuple[tuple[Any, ...], ...] = (
    ("ViT-B-32__openai", "CLIP B/32", 512, 224, 0.61,
     (69.9, 24.1, 38.3, 32.6, 23.4), ("en",), MIT, 98.0),
    ("ViT-B-32__laion2b-s34b-b79k", "OpenCLIP B/32", 512, 224, 0.61,
     (77.6,), ("en",), MIT, 98.0),
    ("ViT-B-16__laion400m_e32", "OpenCLIP B/16", 512, 224, 0.6,
     (76.4,), ("en",), MIT, 31.0),
    ("ViT-B-16-SigLIP__webli", "SigLIP B/16", 768, 224, 0.81,
     (81.9,), ("en",), APACHE, 26.0),
    ("ViT-B-16-SigLIP-384__webli", "SigLIP B/16, 384 px", 768, 384, 0.81,
     (83.2,), ("en",), APACHE, 8.2),
    ("ViT-B-32-SigLIP2-256__webli", "SigLIP 2 B/32", 768, 256, 1.51,
     (82.3, 81.5, 80.2, 80.7, 80.8, 53.2, 27.1), EUROPE, APACHE, 74.0),
    ("ViT-B-16-SigLIP2__webli", "SigLIP 2 B/16", 768, 224, 1.5,
     (84.9, 84.3, 82.9, 83.6, 83.3, 56.4, 27.9), EUROPE, APACHE, 26.0),
    ("ViT-L-16-SigLIP2-256__webli", "SigLIP 2 L/16", 1024, 256, 3.5,
     (85.0,), EUROPE, APACHE, 5.1),
    ("ViT-L-16-SigLIP2-384__webli", "SigLIP 2 L/16, 384 px", 1024, 384, 3.5,
     (85.5,), EUROPE, APACHE, 2.2),
    ("ViT-SO400M-16-SigLIP2-256__webli", "SigLIP 2 SO400M", 1152, 256, 4.5,
     (85.6, 86.7, 85.7, 84.6, 86.2, 64.2, 34.2), EUROPE, APACHE, 3.6),
    ("ViT-L-14-quickgelu__dfn2b", "DFN L/14", 768, 224, 1.7,
     (82.5,), ("en",), APPLE, 5.0),
    ("XLM-Roberta-Base-ViT-B-32__laion5b_s13b_b90k", "XLM-R B/32", 512, 224, 1.5,
     (76.9, 78.4, 77.5, 76.0, 76.6, 75.9, 32.1), ("*",), MIT, 90.0),
    ("nllb-clip-large-siglip__mrl", "NLLB SigLIP large", 1152, 384, 4.8,
     (83.2, 87.1, 86.1, 83.7, 85.8, 81.6, 62.0), ("*",), RESEARCH, 1.1),
)  # fmt: skip
FACE_PACKS: tuple[tuple[Any, ...], ...] = (
    ("buffalo_l", "Buffalo L", 512, 640, 0.326, (), (), INSIGHT, 9.0),
    ("buffalo_s", "Buffalo S", 512, 640, 0.159, (), (), INSIGHT, 41.0),
    ("yunet-sface", "YuNet and SFace", 128, 320, 0.039, (), (), APACHE, 55.0),
)
PRESETS = (
    Preset("light", "Light", "Small and fast; understands English.", SEARCH_MODELS[1][0]),
    Preset(
        "balanced", "Balanced", "Good in English and the large European languages.",
        SEARCH_MODELS[5][0], True, "Fits this computer and prepares this library in under an hour.",
    ),
    Preset("better", "Better", "Finds more, at a third of the speed.", SEARCH_MODELS[6][0]),
    Preset("best", "Best", "Finds the most; for a fast computer.", SEARCH_MODELS[9][0]),
    Preset("japanese", "Japanese", "The fastest that understands Japanese.", SEARCH_MODELS[11][0]),
    Preset("every", "Every language", "Two hundred languages; slow.", SEARCH_MODELS[12][0]),
)  # fmt: skip


def entry(kind: ModelKind, row: tuple[Any, ...]) -> CatalogueEntry:
    """Make a catalogue entry of a row above."""
    name, title, dimension, px, size_gb, figures, languages, licence, _speed = row
    codes = ("en", *BIG)
    return CatalogueEntry(
        name, kind, title, f"{title}: a sentence that says what it is good for.",
        (f"immich-app/{name}",), dimension, px, 151.0, 8.8, 6.0, round(size_gb * GB),
        round(size_gb * GB * 1.9),
        tuple(Recall(*each) for each in zip(codes, figures, strict=False)),
        "Mean recall on Crossmodal-3600, XTD-10 and Flickr30k", languages, licence,
    )  # fmt: skip


def offer(kind: ModelKind, row: tuple[Any, ...], photos: int = 8000) -> ModelOffer:
    """Make an offer that is not on this machine."""
    made = entry(kind, row)
    speed = row[-1]
    return ModelOffer(
        made.name, kind, made.title, OfferState.AVAILABLE, made, None, None, Speed(speed, False),
        photos / speed / 3600, made.memory_bytes, made.download_bytes,
        accepted=not made.licence.research_only,
    )  # fmt: skip


def info(made: ModelOffer, in_use: bool = False) -> AnyModel:
    """Make what the library knows of an installed model."""
    key, folder = ModelKey(f"key-{made.name}"), f"/home/anna/.local/share/models/{made.name}"
    dimension = made.entry.dimension if made.entry else 512
    if made.kind is ModelKind.FACES:
        return FacePackInfo(made.name, folder, key, "insightface", dimension, 1000, in_use=in_use)
    px = made.entry.input_px if made.entry else 224
    shape = Preprocess(px, px, (0.5, 0.5, 0.5), (0.5, 0.5, 0.5))
    return ModelInfo(made.name, folder, key, dimension, shape, 64, 1000, in_use=in_use)


def registered(model: AnyModel) -> ModelOffer:
    """Make an offer of a model that only the library knows."""
    kind = ModelKind.SEARCH if isinstance(model, ModelInfo) else ModelKind.FACES
    state = OfferState.IN_USE if model.in_use else OfferState.INSTALLED
    return ModelOffer(model.name, kind, model.name, state, None, model, disk_bytes=1000)


class FakeShelf:
    """What all fakes share: the offers, and knobs."""

    def __init__(
        self,
        enter: Enter,
        registered: Callable[[], tuple[AnyModel, ...]] = tuple,
        use: Callable[[str], object] | None = None,
    ) -> None:
        self.enter = enter
        self.registered = registered  # models that the library knows without the catalogue
        self.use_registered = use
        self.offers: dict[str, ModelOffer] = {}
        self.presets: tuple[Preset, ...] = ()
        self.switch: Switch | None = None
        self.leftovers: list[Leftover] = []
        self.measurements: dict[str, Measurement] = {}
        self.steps: dict[str, threading.Event] = {}  # a verb waits for it after its first report
        self.problems: dict[str, Exception] = {}  # (verb:name) -> what the verb raises at its end

    def stock(self) -> None:
        """Fill in the catalogue."""
        rows = [(ModelKind.SEARCH, row) for row in SEARCH_MODELS]
        rows += [(ModelKind.FACES, row) for row in FACE_PACKS]
        self.offers = {row[0]: offer(kind, row) for kind, row in rows}
        self.presets = PRESETS

    def change(self, name: str, **fields: Any) -> ModelOffer:
        """Change an offer."""
        self.offers[name] = replace(self.offers[name], **fields)
        return self.offers[name]

    def install(self, name: str, state: OfferState = OfferState.INSTALLED) -> AnyModel:
        """Let a model be on this machine."""
        made = self.offers[name]
        model = info(made, state is OfferState.IN_USE)
        self.change(
            name, state=state, info=model, disk_bytes=made.download_bytes, owned=True, accepted=True
        )
        return model

    def use(self, name: str) -> None:
        """Let a model be the one in use; the one before is installed only."""
        kind = self.offers[name].kind
        for each in list(self.offers.values()):
            if each.kind is kind and each.state is OfferState.IN_USE:
                self.install(each.name)
        self.install(name, OfferState.IN_USE)

    def own(self, name: str, kind: ModelKind = ModelKind.SEARCH) -> AnyModel:
        """Let there be a model that the user brought."""
        made = ModelOffer(name, kind, name, OfferState.INSTALLED, disk_bytes=350_000_000)
        model = info(made)
        self.offers[name] = replace(made, info=model)
        return model

    def wait(self, verb: str, check: Check) -> None:
        """Wait for a test's sign, and for the user's."""
        gate = self.steps.get(verb)
        while gate is not None and not gate.wait(0.01):
            check()
        check()

    def end(self, verb: str, name: str) -> None:
        """Raise what a test wants of a verb."""
        problem = self.problems.get(f"{verb}:{name}")
        if problem is not None:
            raise problem


class FakeOffers:
    def __init__(self, shelf: FakeShelf) -> None:
        self._shelf = shelf

    def all(self) -> tuple[ModelOffer, ...]:
        self._shelf.enter("offers.all")
        own = [
            registered(model)
            for model in self._shelf.registered()
            if model.name not in self._shelf.offers
        ]
        return (*self._shelf.offers.values(), *own)

    def presets(self) -> tuple[Preset, ...]:
        self._shelf.enter("offers.presets")
        return self._shelf.presets


class FakeGetting:
    def __init__(self, shelf: FakeShelf) -> None:
        self._shelf = shelf

    def get(self, name: str, report: Callable[[DownloadProgress], None], check: Check) -> AnyModel:
        shelf = self._shelf
        shelf.enter("getting.get", name)
        total = shelf.offers[name].download_bytes
        begun = shelf.offers[name].disk_bytes
        report(DownloadProgress(name, "listing"))
        done = max(begun, total // 4)
        report(DownloadProgress(name, "downloading", done, total, 12_400_000.0, 95.0, "model.onnx"))
        shelf.change(name, state=OfferState.PAUSED, disk_bytes=done)
        shelf.wait("get", check)
        shelf.end("get", name)
        report(DownloadProgress(name, "verifying", total, total))
        return shelf.install(name)

    def discard(self, name: str) -> None:
        self._shelf.enter("getting.discard", name)
        self._shelf.change(name, state=OfferState.AVAILABLE, disk_bytes=0)

    def accept(self, name: str) -> None:
        self._shelf.enter("getting.accept", name)
        self._shelf.change(name, accepted=True)

    def add(self, path: str, report: Callable[[DownloadProgress], None], check: Check) -> AnyModel:
        shelf = self._shelf
        shelf.enter("getting.add", path)
        name = path.rsplit("/", 1)[-1].removesuffix(".zip")
        report(DownloadProgress(name, "reading", 1, 2))
        shelf.wait("add", check)
        if "clip" not in name and "faces" not in name:
            raise ModelError(f"{path} is not a model: visual/model.onnx is missing.")
        return shelf.own(name, ModelKind.FACES if "faces" in name else ModelKind.SEARCH)

    def repair(
        self, name: str, report: Callable[[DownloadProgress], None], check: Check
    ) -> AnyModel:
        shelf = self._shelf
        shelf.enter("getting.repair", name)
        report(DownloadProgress(name, "verifying", 1, 2))
        shelf.wait("repair", check)
        shelf.end("repair", name)
        state = shelf.offers[name].state
        again = OfferState.INSTALLED if state is OfferState.PROBLEM else state
        shelf.change(name, problem="")
        return shelf.install(name, again)

    def partial(self, name: str) -> int:
        self._shelf.enter("getting.partial", name)
        return self._shelf.offers[name].disk_bytes


class FakeMeasuring:
    def __init__(self, shelf: FakeShelf) -> None:
        self._shelf = shelf
        self.calibrated: Any = None

    def calibration(self) -> Any:
        self._shelf.enter("measuring.calibration")
        return self.calibrated

    def calibrate(self, check: Check) -> Any:
        from photosearch.types import Calibration

        self._shelf.enter("measuring.calibrate")
        self._shelf.wait("calibrate", check)
        self.calibrated = Calibration("CPU", 210.0, 640.0)
        return self.calibrated

    def measurement(self, name: str) -> Measurement | None:
        self._shelf.enter("measuring.measurement", name)
        return self._shelf.measurements.get(name)

    def measure(
        self, name: str, report: Callable[[ConversionProgress], None], check: Check
    ) -> Measurement:
        self._shelf.enter("measuring.measure", name)
        report(ConversionProgress("int8", 1, 3))
        self._shelf.wait("measure", check)
        self._shelf.end("measure", name)
        made = measured()
        self._shelf.measurements[name] = made
        self._shelf.change(name, speed=Speed(98.0, True))
        return made

    def plan(self, model: ModelInfo) -> Plan:
        self._shelf.enter("measuring.plan", model)
        return Plan()

    def speed(self, entry: CatalogueEntry | None, name: str) -> Speed | None:
        self._shelf.enter("measuring.speed", name)
        return self._shelf.offers[name].speed


def measured() -> Measurement:
    """Return what measuring gives."""
    from photosearch.types import Tower

    plan = Plan(Tower("/p/int8.onnx", "int8", 16), Tower("", "fp32", 1))
    return Measurement(
        "CPU", plan,
        (PrecisionResult("fp32", 38.2, 16, 1.0, 1.0, True, "half as fast"),
         PrecisionResult("int8", 98.0, 16, 0.991, 0.94, True)),
        13.5,
    )  # fmt: skip


class FakeSwitching:
    def __init__(self, shelf: FakeShelf) -> None:
        self._shelf = shelf
        self.photos = 8000

    def cost(self, name: str) -> SwitchCost:
        shelf = self._shelf
        shelf.enter("switching.cost", name)
        shelf.end("cost", name)
        if name not in shelf.offers:
            return SwitchCost(name, 0, 0, None, 0, 84 * GB)
        made = shelf.offers[name]
        left = self.photos - made.vectors
        download = 0 if made.info is not None else made.download_bytes
        seconds = left / made.speed.per_second if made.speed else None
        disk = download + left * 1024
        large = made.entry is not None and made.entry.input_px > 360
        away = (left, 240) if large else (0, 0)
        return SwitchCost(name, download, left, seconds, disk, 84 * GB, *away)

    def choose(self, name: str) -> Switch | None:
        shelf = self._shelf
        shelf.enter("switching.choose", name)
        shelf.end("choose", name)
        if name not in shelf.offers and shelf.use_registered is not None:
            shelf.use_registered(name)
            return None
        old = self._in_use()
        if old == "" or shelf.offers[name].vectors >= self.photos:
            shelf.use(name)
            return None
        shelf.install(name, OfferState.COMING)
        shelf.switch = Switch(name, old, 0, self.photos, 360.0)
        return shelf.switch

    def _in_use(self) -> str:
        return next(
            (
                each.name
                for each in self._shelf.offers.values()
                if each.kind is ModelKind.SEARCH and each.state is OfferState.IN_USE
            ),
            "",
        )

    def current(self) -> Switch | None:
        self._shelf.enter("switching.current")
        return self._shelf.switch

    def now(self) -> None:
        self._shelf.enter("switching.now")
        self.finish()

    def finish(self) -> None:
        """Let the coming model take over."""
        switch = self._shelf.switch
        assert switch is not None
        self._shelf.switch = None
        self._shelf.use(switch.coming)
        old = self._shelf.offers[switch.current]
        self._shelf.leftovers = [
            Leftover(old.name, old.kind, old.disk_bytes, self.photos, self.photos * 1024)
        ]

    def go_back(self) -> None:
        self._shelf.enter("switching.go_back")
        switch = self._shelf.switch
        if switch is not None:
            self._shelf.switch = None
            self._shelf.install(switch.coming)

    def leftovers(self) -> tuple[Leftover, ...]:
        self._shelf.enter("switching.leftovers")
        return tuple(self._shelf.leftovers)

    def delete(self, name: str, *, files: bool, vectors: bool) -> int:
        shelf = self._shelf
        shelf.enter("switching.delete", name, files, vectors)
        made = shelf.offers[name]
        shelf.leftovers = [each for each in shelf.leftovers if each.name != name]
        if files:
            shelf.change(name, state=OfferState.AVAILABLE, info=None, disk_bytes=0, owned=False)
        return made.disk_bytes if files else 8_000_000


class FakeTrials:
    def __init__(self, shelf: FakeShelf, photos: Callable[[], list[int]]) -> None:
        self._shelf, self._photos = shelf, photos

    def run(
        self,
        names: tuple[str, ...],
        query: str,
        report: Callable[[TrialProgress], None],
        check: Check,
        photos: int = 200,
    ) -> Trial:
        shelf = self._shelf
        shelf.enter("trials.run", tuple(names), query)
        ids = self._photos()[:photos]
        results = []
        for at, name in enumerate(names):
            report(TrialProgress(name, len(ids) // 2, len(ids)))
            shelf.wait("trial", check)
            shelf.end("trial", name)
            found = tuple(ids[at :: at + 1][:30])
            scores = tuple(0.31 - 0.004 * place for place in range(len(found)))
            results.append(TrialResult(name, found, scores, 96.0 / (at + 1), 12.0 + 9 * at))
        return Trial(query, len(ids), tuple(results))


class FakeConverting:
    def __init__(self, shelf: FakeShelf) -> None:
        self._shelf = shelf
        self.missing = ""

    def available(self) -> str:
        self._shelf.enter("converting.available")
        return self.missing

    def architectures(self) -> tuple[str, ...]:
        self._shelf.enter("converting.architectures")
        return ("ViT-B-16", "ViT-B-32", "ViT-B-32-256", "ViT-L-14", "RN50")

    def tags(self, architecture: str) -> tuple[str, ...]:
        self._shelf.enter("converting.tags", architecture)
        return ("openai", "laion2b_s34b_b79k", "datacomp_xl_s13b_b90k")

    def convert(
        self, request: Conversion, report: Callable[[ConversionProgress], None], check: Check
    ) -> AnyModel:
        self._shelf.enter("converting.convert", request)
        report(ConversionProgress("exporting", 2, 4, "image tower"))
        self._shelf.wait("convert", check)
        self._shelf.end("convert", request.name)
        return self._shelf.own(request.name)
