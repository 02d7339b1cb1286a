"""What models can run on: every device with its verdict, the runtime in use, and the GPU pack.

Looks and tries in child processes only; the rest is remembered in a file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from photosearch.engine.probing import Look
from photosearch.engine.protocol import Engine, EngineState
from photosearch.engine.trying import Start, Trying
from photosearch.errors import EngineError, ModelError
from photosearch.inference import gpu_pack
from photosearch.inference.providers import CPU, shown
from photosearch.models.installing import Installation, Report, free_bytes, remove
from photosearch.paths import Paths
from photosearch.settings.held import held
from photosearch.settings.store import SettingsStore
from photosearch.types import (
    Check,
    Device,
    DeviceReport,
    GpuPack,
    ModelInfo,
    RuntimeReport,
    Verdict,
)


@dataclass(frozen=True, slots=True)
class _Seen:
    """What a child saw, with the runtime in that folder."""

    folder: str
    look: Look


class Devices:
    """The devices of this machine; every method may block and is thread-safe."""

    def __init__(
        self,
        paths: Paths,
        settings: SettingsStore,
        *,
        state: Callable[[], EngineState] = EngineState,
        renew: Callable[[], None] = lambda: None,
        model: Callable[[], ModelInfo | None] = lambda: None,
        start: Start | None = None,
        listing: Callable[[], gpu_pack.Listing] = gpu_pack.listing,
        free: Callable[[Path], int] = free_bytes,
    ) -> None:
        """`state` and `renew` are the engine's; `model` is the search model in use.

        The others are for tests: how a trying child starts, what the pack is made of.
        """
        self._paths = paths
        self._settings = settings
        self._state = state
        self._renew = renew
        self._model = model
        self._start = start
        self._listing = listing
        self._free = free
        self._seen: _Seen | None = None

    @classmethod
    def of(
        cls,
        paths: Paths,
        settings: SettingsStore,
        engine: Engine,
        model: Callable[[], ModelInfo | None],
    ) -> Devices:
        """Return the devices as a library uses them."""
        return cls(paths, settings, state=engine.state, renew=engine.renew, model=model)

    def all(self) -> tuple[DeviceReport, ...]:
        """Return every device with what is remembered of it; nothing is tried.

        `EngineError` or `ModelError` when not even the runtime loads.
        """
        return self._reports(self._look())

    def try_all(
        self, report: Callable[[DeviceReport], None], check: Check
    ) -> tuple[DeviceReport, ...]:
        """Try every device anew, each in a child, with the search model in use if there is one."""
        self._seen = None
        look = self._look()
        for device in look.devices:
            check()
            if device != CPU:
                self._trying().forget(device)
                self._try(device, look, check)
            report(self._report(device, look))
        return self._reports(look)

    def try_new(self, check: Check) -> tuple[DeviceReport, ...]:
        """Try the devices of which nothing is known yet."""
        look = self._look()
        for device in look.devices:
            check()
            if self._remembered(device, look) is None:
                self._try(device, look, check)
        return self._reports(look)

    def runtime(self) -> RuntimeReport:
        """Return which runtime the engine uses, and what runs there if something does."""
        state = self._state()
        report = state.runtime or self._look().runtime
        return RuntimeReport(
            report.version,
            report.distribution,
            report.source,
            device=state.device,
            nodes=state.nodes,
            fallback_nodes=state.fallback_nodes,
            notices=tuple(dict.fromkeys((*report.notices, *state.notices))),
        )

    def expected(self) -> tuple[Device, str]:
        """Return the device that the setting leads to as far as is known, and a notice."""
        provider = self._settings.current.devices.provider
        if provider == CPU.id:
            return CPU, ""
        look = self._look()
        return self._trying().expected(provider, look, self._key())

    # --- the GPU pack ---

    def gpu_pack(self) -> GpuPack:
        return gpu_pack.state(self._paths.gpu_pack, self._listing())

    def install_gpu_pack(self, source: str | None, report: Report, check: Check) -> GpuPack:
        """Fetch the pack by package name, or take it from a folder, and use it from now on.

        ModelError says what went wrong: then everything is as before.
        """
        listed = self._listing()
        if not listed.wheels:
            raise ModelError(
                "There is no GPU pack for this system: it is for Linux and Windows with an "
                "x86-64 processor and Python 3.11 to 3.14."
            )
        if source is not None and not Path(source).is_dir():
            raise ModelError(f"There is no folder at {source}.")
        with self._alone():
            work = Installation(self._paths.gpu_pack, listed, report, check, self._free)
            fresh = work.make(source)
            work.tell("reading")
            if why := self._trouble(fresh):
                work.give_up()
                raise ModelError(f"The GPU pack does not work here: {why}.")
            self._renew()  # an engine that uses the old pack holds its files
            work.put_in_place()
        self._changed()
        return self.gpu_pack()

    def remove_gpu_pack(self) -> None:
        """Delete the pack; the runtime that came with the program is used again."""
        with self._alone():
            self._renew()
            remove(self._paths.gpu_pack)
        self._changed()

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Work on the pack alone, also against other programs with this home."""
        pack = self._paths.gpu_pack
        with ExitStack() as stack:
            try:
                stack.enter_context(held(pack, wait_s=0))
            except TimeoutError as error:
                raise ModelError(
                    "The GPU pack is being installed or removed already, perhaps by another "
                    "PhotoSearch. Wait for it, or stop it there."
                ) from error
            except OSError as error:
                raise ModelError(
                    f"{pack.parent} cannot be written: {error.strerror or error}."
                ) from error
            yield

    def _trouble(self, folder: Path) -> str:
        """Return why the runtime in a folder does not load in a child, or nothing."""
        try:
            look = Trying(None, str(folder), self._start).look()
        except (EngineError, ModelError) as error:
            return str(error).rstrip(".")
        return " ".join(look.runtime.notices).rstrip(".")

    def _changed(self) -> None:
        self._seen = None
        self._renew()

    # --- one device ---

    def _try(self, device: Device, look: Look, check: Check) -> Verdict:
        return self._trying().attempt(
            device, look.runtime, self._key(), self._graphs(), check=check
        )

    def _trying(self) -> Trying:
        folder = gpu_pack.usable(self._paths.gpu_pack)
        return Trying(self._paths.devices_file, folder, self._start)

    def _look(self) -> Look:
        folder = gpu_pack.usable(self._paths.gpu_pack)
        seen = self._seen
        if seen is None or seen.folder != folder:
            seen = self._seen = _Seen(folder, self._trying().look())
        return seen.look

    def _key(self) -> str:
        model = self._model()
        return model.key if model is not None else ""

    def _graphs(self) -> Sequence[Path]:
        model = self._model()
        if model is None:
            return ()
        from photosearch.inference.model_folder import IMAGE_GRAPH, TEXT_GRAPH

        graphs = (Path(model.folder) / IMAGE_GRAPH, Path(model.folder) / TEXT_GRAPH)
        return [graph for graph in graphs if graph.is_file()]

    def _remembered(self, device: Device, look: Look) -> Verdict | None:
        return self._trying().remembered(device, look.runtime, self._key(), loosely=True)

    def _reports(self, look: Look) -> tuple[DeviceReport, ...]:
        return tuple(self._report(device, look) for device in look.devices)

    def _report(self, device: Device, look: Look) -> DeviceReport:
        running = self._state().device.split(", ")
        return DeviceReport(
            device,
            self._remembered(device, look),
            in_use=shown(device) in running,
            chosen=self._settings.current.devices.provider == device.id,
        )
