"""Where nodes of a graph run: asked of a session, and read from a profile."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace

import pytest
from tiny_models import write

from photosearch.errors import ModelError
from photosearch.inference import probe, providers, trial_graph
from photosearch.inference.placement import Placement, of_profile, of_session
from photosearch.inference.providers import CPU
from photosearch.inference.session import open_session
from photosearch.types import Device

# A provider that is in every build and takes no ordinary node: a card that can do nothing.
NOTHING = Device("cuda", "CUDA", "AzureExecutionProvider")


def opened(device: Device) -> object:
    ort = providers.runtime()
    return ort.InferenceSession(
        trial_graph.network(half=False),
        providers.session_options(device, 1),
        providers=providers.provider_list(device),
        enable_fallback=0,
    )


def test_a_session_tells_how_many_nodes_fell_back() -> None:
    placed = of_session(opened(NOTHING), NOTHING)
    assert placed.nodes == placed.fallback_nodes > 20
    assert placed.all_fell_back


def test_the_processor_has_nothing_to_fall_back_from() -> None:
    assert of_session(opened(CPU), CPU) == Placement()
    assert not Placement().all_fell_back


def test_a_runtime_that_cannot_tell_says_nothing() -> None:
    assert of_session(SimpleNamespace(), NOTHING) == Placement()
    ort = providers.runtime()
    unasked = ort.InferenceSession(trial_graph.network(half=False), providers=[CPU.provider])
    assert of_session(unasked, NOTHING) == Placement()


def test_a_profile_of_a_run_tells_it_as_well(tmp_path: Path) -> None:
    ort = providers.runtime()
    options = providers.session_options(CPU, 1)
    options.enable_profiling = True
    options.profile_file_prefix = str(tmp_path / "profile")
    session = ort.InferenceSession(
        trial_graph.network(half=False), options, providers=[CPU.provider]
    )
    for _ in range(2):  # a node that runs twice is one node
        session.run(None, probe._feeds(session))
    text = Path(session.end_profiling()).read_text(encoding="utf-8")
    placed = of_profile(text)
    assert 10 < placed.nodes == placed.fallback_nodes
    names = {event["name"] for event in json.loads(text) if "provider" in event.get("args", {})}
    events = json.loads(text)
    for event in events:
        if event.get("name") in sorted(names)[:3]:
            event["args"]["provider"] = NOTHING.provider
    moved = json.dumps(events)
    assert of_profile(moved) == Placement(placed.nodes, placed.nodes - 3)


@pytest.mark.parametrize("text", ["", "{}x", json.dumps([1, 2]), json.dumps(5)])
def test_what_is_no_profile_is_refused(text: str) -> None:
    with pytest.raises(ModelError, match="profile"):
        of_profile(text)


def test_a_model_of_which_nothing_runs_there_is_on_the_processor_and_says_so(
    tmp_path: Path,
) -> None:
    path = write(tmp_path / "model") / "visual" / "model.onnx"
    session = open_session(path, NOTHING, 1)
    assert session.device == CPU
    assert session.notice == (
        "CUDA cannot be used (it can run nothing of model/visual/model.onnx). "
        "The processor is used instead."
    )


def test_the_network_of_a_trial_is_a_valid_model() -> None:
    import onnx

    for half in (False, True):
        model = onnx.load_model_from_string(trial_graph.network(half=half))
        onnx.checker.check_model(model, full_check=True)
        assert model.ir_version <= 10
        kinds = {node.op_type for node in model.graph.node}
        assert {"Conv", "LayerNormalization", "Softmax", "Gather", "MatMul"} <= kinds
