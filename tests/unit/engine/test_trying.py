"""Devices are tried in children of this program, on a real network; what they show is kept.

The children are real; what they load as `onnxruntime` is a pretended card (`fake_runtime`).
"""

from __future__ import annotations

import json
import threading
from dataclasses import replace
from pathlib import Path

import fake_runtime
import pytest
from tiny_models import write

from photosearch.engine.probing import ATTEMPT
from photosearch.engine.protocol import ModelChoice
from photosearch.engine.remote import RemoteEngine
from photosearch.engine.trying import Trying, _death
from photosearch.engine.verdicts import Verdicts
from photosearch.engine.wire import start_child
from photosearch.errors import Cancelled, EngineError
from photosearch.inference.providers import CPU
from photosearch.types import Device, ModelKey, RuntimeReport, Verdict

CARD = Device("cuda", "CUDA", "CUDAExecutionProvider", 0, "NVIDIA RTX 3060", "535.1")
RUNTIME = RuntimeReport("1.26.0", "onnxruntime-gpu", "GPU pack in somewhere")
WORKS = Verdict(True, seconds=0.5, nodes=37, fallback_nodes=2, half=True)


@pytest.fixture(autouse=True)
def one_card(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A computer with one NVIDIA card, for the children as well."""
    folder = fake_runtime.nvidia_smi(tmp_path / "bin", ("NVIDIA RTX 3060", "535.1"))
    monkeypatch.setenv("PATH", str(folder), prepend=":")
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)


def pretending(tmp_path: Path, behaviour: str, **values: object) -> str:
    return str(fake_runtime.write(tmp_path / behaviour, behaviour, **values))  # type: ignore[arg-type]


def attempt(tmp_path: Path, behaviour: str, trial_s: float = 60, **values: object) -> Verdict:
    trying = Trying(None, pretending(tmp_path, behaviour, **values), trial_s=trial_s)
    return trying.attempt(CARD, RUNTIME)


# --- one trial --------------------------------------------------------------------


def test_a_child_sees_the_runtime_and_the_cards(tmp_path: Path) -> None:
    folder = pretending(tmp_path, "fine")
    look = Trying(None, folder).look()
    assert look.devices == (CARD, CPU)
    assert look.runtime == RuntimeReport("1.26.0", "onnxruntime-gpu", f"GPU pack in {folder}")


def test_a_card_that_works_is_counted(tmp_path: Path) -> None:
    verdict = attempt(tmp_path, "fine", fallback=3)
    assert (verdict.works, verdict.reason, verdict.half) == (True, "", True)
    assert verdict.nodes > 20
    assert verdict.fallback_nodes == 3
    assert verdict.seconds > 0
    assert "'device_id': '0'" in fake_runtime.asked(tmp_path / "fine")[0]


@pytest.mark.parametrize(
    ("behaviour", "reason"),
    [
        ("crash", "its driver crashed the trial (SIGSEGV)"),
        ("hang", "it did not answer within 2 s"),
        ("wrong", "it computes wrong results"),
        ("refuse", "this card knows no such step"),
        ("missing", "its driver or libraries are missing"),
        ("nothing", "it leaves the whole model to the processor"),
    ],
)
def test_a_bad_driver_costs_only_the_child(tmp_path: Path, behaviour: str, reason: str) -> None:
    verdict = attempt(tmp_path, behaviour, trial_s=2 if behaviour == "hang" else 60)
    assert (verdict.works, verdict.reason) == (False, reason)


def test_the_processor_is_tried_like_the_others(tmp_path: Path) -> None:
    assert Trying(None, pretending(tmp_path, "crash")).attempt(CPU, RUNTIME).works


def test_a_trial_can_be_stopped(tmp_path: Path) -> None:
    trying = Trying(tmp_path / "devices.json", pretending(tmp_path, "hang"))

    def stop() -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        trying.attempt(CARD, RUNTIME, check=stop)
    assert trying.remembered(CARD, RUNTIME) is None
    assert not [thread for thread in threading.enumerate() if thread.name == "trial"]


def test_a_child_whose_driver_hangs_ends_with_the_program(tmp_path: Path) -> None:
    folder = pretending(tmp_path, "hang")
    process, wire = start_child("--probe", f"--runtime={folder}", gentle=False)
    try:
        wire.send((ATTEMPT, (CARD, ())))
        while not (Path(folder) / "asked.txt").exists():
            assert process.poll() is None
            threading.Event().wait(0.02)
        wire.close_writer()  # as the system does when the program is killed
        assert process.wait(20) == 0
    finally:
        process.kill()
        process.wait()
        wire.close()


def test_a_child_that_cannot_start_is_a_reason() -> None:
    def start() -> None:
        raise OSError("no more processes")

    verdict = Trying(None, start=start).attempt(CARD, RUNTIME)  # type: ignore[arg-type]
    assert verdict.reason == "the trial could not be started: no more processes"


def test_a_model_is_tried_with_its_own_graphs(tmp_path: Path) -> None:
    folder = write(tmp_path / "model")
    graphs = [folder / "visual" / "model.onnx", folder / "textual" / "model.onnx"]
    trying = Trying(tmp_path / "devices.json", pretending(tmp_path, "fine", fallback=1))
    verdict = trying.attempt(CARD, RUNTIME, "a key", graphs)
    assert (verdict.works, verdict.nodes, verdict.fallback_nodes) == (True, 4, 2)
    assert trying.remembered(CARD, RUNTIME, "a key") == verdict
    assert trying.remembered(CARD, RUNTIME) is None
    refusing = Trying(None, pretending(tmp_path, "refuse-model"))
    verdict = refusing.attempt(CARD, RUNTIME, "a key", graphs)
    assert not verdict.works
    assert verdict.reason == "this card knows no such step, with model/visual/model.onnx"


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (-11, "its driver crashed the trial (SIGSEGV)"),
        (0xC0000005, "its driver crashed the trial (access violation)"),
        (0xC0000005 - (1 << 32), "its driver crashed the trial (access violation)"),
        (3, "the trial ended by itself (exit code 3)"),
    ],
)
def test_how_a_child_ended(code: int, words: str) -> None:
    assert _death(code) == words


# --- what is kept -----------------------------------------------------------------


def test_a_verdict_is_kept_for_the_same_driver_and_runtime(tmp_path: Path) -> None:
    file = tmp_path / "data" / "devices.json"
    Verdicts(file).remember(CARD, RUNTIME, WORKS)
    kept = Verdicts(file)
    assert kept.find(CARD, RUNTIME) == WORKS
    assert kept.find(replace(CARD, driver="550.2"), RUNTIME) is None
    assert kept.find(replace(CARD, adapter_name="NVIDIA RTX 4090"), RUNTIME) is None
    assert kept.find(CARD, replace(RUNTIME, version="1.27.0")) is None
    assert kept.find(CARD, replace(RUNTIME, distribution="onnxruntime")) is None
    assert kept.find(CARD, RUNTIME, "a model") is None
    assert {path.name for path in file.parent.iterdir()} == {"devices.json", "devices.json.lock"}


def test_another_driver_makes_what_was_known_forgotten(tmp_path: Path) -> None:
    file = tmp_path / "devices.json"
    verdicts = Verdicts(file)
    verdicts.remember(CARD, RUNTIME, WORKS, "a model")
    verdicts.remember(CARD, RUNTIME, WORKS)
    verdicts.remember(replace(CARD, id="cuda:1", adapter=1), RUNTIME, WORKS)
    verdicts.remember(replace(CARD, driver="550.2"), RUNTIME, Verdict(False, "broken"))
    ids = [entry["of"]["id"] for entry in json.loads(file.read_bytes())["verdicts"]]
    assert ids == ["cuda:1", "cuda"]
    verdicts.forget(replace(CARD, driver="550.2"))
    assert verdicts.find(replace(CARD, driver="550.2"), RUNTIME) is None


@pytest.mark.parametrize(
    "damage",
    [
        b"",
        b"{",
        b"[]",
        b'{"format": 99, "verdicts": []}',
        b'{"format": 1, "verdicts": [{"of": {}}]}',
        b'{"format": 1, "verdicts": [5]}',
        b"\xff\xfe",
    ],
)
def test_a_damaged_file_costs_a_trial_and_no_more(
    tmp_path: Path, damage: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    file = tmp_path / "devices.json"
    file.write_bytes(damage)
    verdicts = Verdicts(file)
    assert verdicts.find(CARD, RUNTIME) is None
    verdicts.remember(CARD, RUNTIME, WORKS)
    assert Verdicts(file).find(CARD, RUNTIME) == WORKS


def test_a_folder_that_cannot_be_written_is_no_error(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    blocked = tmp_path / "a file"
    blocked.write_text("")
    Verdicts(blocked / "devices.json").remember(CARD, RUNTIME, WORKS)
    assert "cannot be kept" in caplog.text


def test_a_full_card_is_no_verdict_on_its_driver(tmp_path: Path) -> None:
    file = tmp_path / "devices.json"
    verdict = Trying(file, pretending(tmp_path, "memory")).attempt(CARD, RUNTIME)
    assert verdict.reason.startswith("Failed to allocate memory")
    assert not file.exists()


# --- the engine's own choice ------------------------------------------------------


def choice(tmp_path: Path, folder: Path, provider: str = "auto") -> ModelChoice:
    return ModelChoice(
        folder, ModelKey("key"), 4, tmp_path / "library.db", tmp_path / "index", provider, 1
    )


def spoken(tmp_path: Path, pack: str, provider: str = "auto") -> tuple[RemoteEngine, object]:
    """Return an engine in a child with a pretended card, after it has encoded a text."""
    engine = RemoteEngine(devices_file=tmp_path / "devices.json", runtime=lambda: pack)
    engine.use(choice(tmp_path, write(tmp_path / "model"), provider))
    try:
        return engine, engine.encode_text(ModelKey("key"), "a dog")
    except BaseException:
        engine.close()
        raise


def test_the_engine_uses_a_card_that_works_and_tells_what_fell_back(tmp_path: Path) -> None:
    pack = pretending(tmp_path, "fine", fallback=1)
    engine, _ = spoken(tmp_path, pack)
    state = engine.state()
    engine.close()
    assert state.device == "NVIDIA RTX 3060 (CUDA)"
    assert (state.nodes, state.fallback_nodes) == (2, 1)
    assert state.runtime == RuntimeReport("1.26.0", "onnxruntime-gpu", f"GPU pack in {pack}")
    assert state.notices == (
        "NVIDIA RTX 3060 (CUDA) leaves 1 of 2 steps of the network for words to the processor: "
        "it may be slow.",
    )
    assert "onnxruntime-gpu" not in str(RuntimeReport)  # this process has its own
    import onnxruntime

    assert not onnxruntime.__file__.startswith(pack)


@pytest.mark.parametrize("provider", ["auto", "cuda"])
def test_a_driver_that_crashes_does_not_take_the_engine_down(tmp_path: Path, provider: str) -> None:
    engine, vector = spoken(tmp_path, pretending(tmp_path, "crash"), provider)
    state, pid = engine.state(), engine._child.pid  # type: ignore[union-attr]
    engine.encode_text(ModelKey("key"), "on")
    assert engine._child.pid == pid  # type: ignore[union-attr]
    engine.close()
    assert vector is not None
    assert state.device == "CPU"
    (notice,) = state.notices
    assert "NVIDIA RTX 3060 (CUDA)" in notice
    assert "its driver crashed the trial (SIGSEGV)" in notice
    kept = json.loads((tmp_path / "devices.json").read_bytes())["verdicts"]
    assert [entry["verdict"]["works"] for entry in kept] == [False]


def test_the_next_engine_tries_nothing_again(tmp_path: Path) -> None:
    pack = pretending(tmp_path, "fine")
    spoken(tmp_path, pack)[0].close()
    before = len(fake_runtime.asked(Path(pack)))
    engine, _ = spoken(tmp_path, pack)
    assert engine.state().device == "NVIDIA RTX 3060 (CUDA)"
    engine.close()
    assert len(fake_runtime.asked(Path(pack))) == before + 1  # the text's own graph


def test_another_driver_is_tried_again(tmp_path: Path) -> None:
    broken, fixed = pretending(tmp_path, "crash"), pretending(tmp_path, "fine")
    spoken(tmp_path, broken)[0].close()
    # The same runtime with another driver: the pretended card behaves from now on.
    (Path(broken) / "onnxruntime" / "__init__.py").write_bytes(
        (Path(fixed) / "onnxruntime" / "__init__.py").read_bytes()
    )
    engine, _ = spoken(tmp_path, broken)
    assert engine.state().device == "CPU"  # as remembered
    engine.close()
    fake_runtime.nvidia_smi(tmp_path / "bin", ("NVIDIA RTX 3060", "560.7"))
    engine, _ = spoken(tmp_path, broken)
    assert engine.state().device == "NVIDIA RTX 3060 (CUDA)"
    assert engine.state().notices == ()
    engine.close()


def test_a_card_that_is_not_there_is_said(tmp_path: Path) -> None:
    engine, _ = spoken(tmp_path, pretending(tmp_path, "fine"), "cuda:1")
    state = engine.state()
    engine.close()
    assert state.device == "CPU"
    assert state.notices == (
        "cuda:1 cannot be used (there is no such card; cuda is NVIDIA RTX 3060). "
        "The processor is used instead.",
    )


def test_a_pack_that_does_not_load_is_left_aside_with_a_notice(tmp_path: Path) -> None:
    engine, _ = spoken(tmp_path, pretending(tmp_path, "import"))
    state = engine.state()
    engine.close()
    assert state.device == "CPU"
    assert state.runtime is not None
    assert state.runtime.source == "installed with PhotoSearch"
    (notice,) = state.notices
    assert "libcudart.so.12" in notice
    assert "The runtime that was installed with PhotoSearch is used instead" in notice


def test_a_pack_that_is_too_old_is_left_aside(tmp_path: Path) -> None:
    look = Trying(None, pretending(tmp_path, "fine", version="1.19.2")).look()
    assert look.devices == (CPU,)
    assert "its ONNX Runtime 1.19.2 is older than 1.20" in look.runtime.notices[0]


def test_a_folder_without_a_runtime_is_left_aside(tmp_path: Path) -> None:
    look = Trying(None, str(tmp_path / "nothing")).look()
    assert look.runtime.source == "installed with PhotoSearch"
    assert "cannot be used" in look.runtime.notices[0]


def test_a_pack_that_ends_the_engine_is_used_no_more(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    pack = pretending(tmp_path, "import-crash")
    with pytest.raises(EngineError, match="crashed the trial"):
        Trying(None, pack).look()
    engine, _ = spoken(tmp_path, pack)  # the text is asked for again, of the next engine
    state = engine.state()
    engine.close()
    assert state.device == "CPU"
    assert state.notices[0].startswith(f"The GPU pack in {pack} ended the engine")
