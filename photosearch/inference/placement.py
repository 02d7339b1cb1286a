"""Where the nodes of an opened graph run: how many there are, and how many fell to the CPU.

ONNX Runtime tells since 1.24.1 how it divided a graph, at no cost; before that only a profile of
a run tells. The profile counts fewer nodes, as it comes after the last of them were fused.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from photosearch.errors import ModelError
from photosearch.inference.providers import CPU
from photosearch.types import Device


@dataclass(frozen=True, slots=True)
class Placement:
    """Nodes of a graph, and those of them that the CPU runs; 0 nodes: it cannot be told."""

    nodes: int = 0
    fallback_nodes: int = 0

    def __add__(self, other: Placement) -> Placement:
        return Placement(self.nodes + other.nodes, self.fallback_nodes + other.fallback_nodes)

    @property
    def all_fell_back(self) -> bool:
        return 0 < self.nodes == self.fallback_nodes


def of_session(session: Any, device: Device) -> Placement:
    """Return where an `InferenceSession` put its nodes; empty where its runtime cannot tell."""
    ask = getattr(session, "get_provider_graph_assignment_info", None)
    if ask is None or device == CPU:
        return Placement()
    from photosearch.inference.session import runtime_errors

    try:
        counts = [(part.ep_name, len(part.get_nodes())) for part in ask()]
    except runtime_errors():  # it was not asked to record this
        return Placement()
    nodes = sum(count for _, count in counts)
    return Placement(nodes, sum(count for name, count in counts if name == CPU.provider))


def of_profile(text: str) -> Placement:
    """Return where nodes ran, of the profile (JSON) that a session wrote; each counts once.

    ModelError when it is no profile.
    """
    try:
        events = json.loads(text)
        ran = dict(_ran(events))
    except (ValueError, TypeError, AttributeError) as error:
        raise ModelError(f"ONNX Runtime wrote a profile that cannot be read: {error}.") from error
    return Placement(len(ran), sum(1 for provider in ran.values() if provider == CPU.provider))


def _ran(events: Iterable[dict[str, Any]]) -> Iterable[tuple[str, str]]:
    for event in events:
        details = event.get("args") or {}
        name = str(event.get("name", ""))
        if "provider" in details and name.endswith("_kernel_time"):
            # Names may be empty or shared: the index within the graph tells nodes apart.
            yield f"{details.get('node_index', '')}:{name}", str(details["provider"])
