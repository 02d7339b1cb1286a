"""What models really run on: noted when their graphs are opened, told in the engine's state."""

from __future__ import annotations

from photosearch.inference.placement import Placement
from photosearch.inference.providers import CPU, shown
from photosearch.inference.session import Session
from photosearch.types import RuntimeReport

_MUCH = 0.2  # of a graph's nodes on the CPU is worth telling


class Running:
    """The opened graphs of one model, by their part in it."""

    def __init__(self) -> None:
        self._parts: dict[str, tuple[str, Placement, str]] = {}
        self._chosen: tuple[str, ...] = ()

    def chosen(self, notice: str) -> None:
        """Note why another device was chosen than asked for, or nothing."""
        self._chosen = (notice,)

    def note(self, notice: str) -> None:
        """Note something else that the user should know of how it runs."""
        self._chosen = (*self._chosen, notice)

    def opened(self, part: str, session: Session) -> None:
        """Note a graph that was opened, or opened again."""
        device, placed = session.device, session.placement
        notice = session.notice
        if not notice and device != CPU and placed.fallback_nodes > _MUCH * placed.nodes:
            notice = (
                f"{shown(device)} leaves {placed.fallback_nodes} of {placed.nodes} steps of the "
                f"{part} to the processor: it may be slow."
            )
        self._parts = {**self._parts, part: (shown(device), placed, notice)}

    @property
    def device(self) -> str:
        """What the graphs run on, empty before one is open; several where they differ."""
        return ", ".join(dict.fromkeys(device for device, _, _ in self._parts.values()))

    @property
    def placement(self) -> Placement:
        return sum((placed for _, placed, _ in self._parts.values()), Placement())

    @property
    def notices(self) -> list[str]:
        every = (*self._chosen, *(notice for _, _, notice in self._parts.values()))
        return list(dict.fromkeys(notice for notice in every if notice))

    def runtime(self) -> RuntimeReport | None:
        """Return the runtime of this process; None before a graph is open."""
        if not self._parts:
            return None
        from photosearch.inference import runtimes

        return runtimes.report()

    def joined(self, other: Running) -> Running:
        """Return what this and another model run on, as one."""
        both = Running()
        both._parts = {**self._parts, **{f"other {part}": w for part, w in other._parts.items()}}
        both._chosen = (*self._chosen, *other._chosen)
        return both
