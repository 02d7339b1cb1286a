"""Downloads with the real client from a hub on loopback, and everything that goes wrong there."""

from __future__ import annotations

import errno
import io
import re
import threading
import time
from pathlib import Path
from typing import BinaryIO

import pytest
import tiny_models
from hub_server import Hub
from tiny_models import Tiny

from photosearch.errors import Cancelled, ModelError
from photosearch.inference import record
from photosearch.models.downloads import Means
from photosearch.types import DownloadProgress, ModelInfo

from .conftest import MODEL, PATIENCE, REPOSITORY, World

SMALL = {
    "config.json",
    "visual/preprocess_cfg.json",
    "textual/tokenizer.json",
    "textual/tokenizer_config.json",
}
GRAPHS = {"visual/model.onnx", "textual/model.onnx"}
BIG = 400_000


def published(hub: Hub, tmp_path: Path, tiny: Tiny) -> None:
    hub.add(REPOSITORY, tiny_models.write(tmp_path / "other", tiny))


def big_weights(hub: Hub, tmp_path: Path) -> bytes:
    """Publish a model whose text tower has weights of some hundred kilobytes beside it."""
    published(hub, tmp_path, Tiny(external=True))
    files = hub.repositories[REPOSITORY]
    files["textual/weights.bin"] += bytes(BIG - len(files["textual/weights.bin"]))
    return files["textual/weights.bin"]


class Stop:
    """A check that ends the work once told so many bytes of a file have been served."""

    def __init__(self, hub: Hub, file: str, count: int) -> None:
        self._hub, self._file, self._count = hub, file, count

    def __call__(self) -> None:
        if self._hub.served.get(self._file, 0) >= self._count:
            raise Cancelled("Stopped.")


def test_a_model_is_fetched_verified_and_used(hub: Hub, world: World) -> None:
    model = world.get()
    assert isinstance(model, ModelInfo)
    assert model.in_use
    assert model.folder == str(world.folder / MODEL)
    assert world.files() == SMALL | GRAPHS | {record.NAME}
    for name, file in record.read(world.folder / MODEL).items():
        content = hub.repositories[REPOSITORY][name]
        assert (world.folder / MODEL / name).read_bytes() == content
        assert file.commit == hub.commit(REPOSITORY)
        assert file.sha256
    stages = list(dict.fromkeys(each.stage for each in world.told))
    assert stages == ["listing", "downloading", "reading"]
    assert world.library.getting.partial(MODEL) == 0
    assert world.library.getting.progress(MODEL) is None


def test_a_model_that_is_here_is_not_asked_for(hub: Hub, world: World) -> None:
    first = world.get()
    hub.asked.clear()
    assert world.get().key == first.key
    assert hub.asked == []


def test_nothing_is_contacted_unless_asked(hub: Hub, world: World) -> None:
    world.library.offers.all()
    world.library.offers.presets()
    with pytest.raises(ModelError, match="no model “nothing” in the catalogue"):
        world.get("nothing")
    assert hub.asked == []


def test_weights_beside_a_graph_come_and_nothing_else(
    hub: Hub, world: World, tmp_path: Path
) -> None:
    published(hub, tmp_path, Tiny(external=True))
    files = hub.repositories[REPOSITORY]
    for other in ("visual/model.armnn", "visual/other.bin", "visual/fp16/model.onnx", "x.rknn"):
        files[other] = b"not wanted"
    world.get()
    weights = {"visual/weights.bin", "textual/weights.bin"}
    assert world.files() == SMALL | GRAPHS | weights | {record.NAME}
    assert not {"visual/other.bin", "visual/model.armnn"} & hub.served.keys()


def test_the_store_gets_ranges_but_no_token(hub: Hub, world: World, tmp_path: Path) -> None:
    big_weights(hub, tmp_path)
    hub.faults.cut["textual/weights.bin"] = [100_000]
    world.get()
    at_hub = [each for each in hub.asked if not each.store]
    at_store = [each for each in hub.asked if each.store]
    assert {each.token for each in at_hub} == {"Bearer hf_secret"}
    assert {each.token for each in at_store} == {""}
    assert any(each.range.startswith("bytes=") for each in at_store)


def test_a_cut_connection_goes_on(hub: Hub, world: World, tmp_path: Path) -> None:
    content = big_weights(hub, tmp_path)
    hub.faults.cut["textual/weights.bin"] = [100_000, 0, 50_000]
    world.get()
    assert (world.folder / MODEL / "textual/weights.bin").read_bytes() == content
    assert hub.served["textual/weights.bin"] == BIG
    assert any("was cut. Trying again" in note for note in world.notes)


def test_a_connection_that_is_always_cut_keeps_what_came(
    hub: Hub, world: World, tmp_path: Path
) -> None:
    big_weights(hub, tmp_path)
    hub.faults.cut["textual/weights.bin"] = [100_000, 0, 0, 0, 0, 0]
    with pytest.raises(ModelError, match=r"was cut\. What has come is kept"):
        world.get()
    assert world.library.getting.partial(MODEL) > 100_000
    hub.faults.cut.clear()
    world.get()
    assert hub.served["textual/weights.bin"] == BIG


def test_stopping_keeps_what_came(hub: Hub, world: World, tmp_path: Path) -> None:
    content = big_weights(hub, tmp_path)
    hub.faults.chunk_s = 0.005
    stop = Stop(hub, "textual/weights.bin", 100_000)
    with pytest.raises(Cancelled):
        world.library.getting.get(MODEL, world.told.append, stop)
    kept = (world.folder / f"{MODEL}.part/textual/weights.bin.part").stat().st_size
    assert 0 < kept < BIG
    hub.faults.chunk_s = 0
    hub.asked.clear()
    world.get()
    files = [each for each in hub.asked if each.store or "/resolve/" in each.path]
    assert {each.range for each in files} == {f"bytes={kept}-"}
    assert all(each.path.endswith("textual/weights.bin") for each in files)
    assert (world.folder / MODEL / "textual/weights.bin").read_bytes() == content


@pytest.mark.parametrize("after", [0, 100_000])
def test_a_silent_hub_does_not_delay_stopping(
    hub: Hub, world: World, tmp_path: Path, after: int
) -> None:
    big_weights(hub, tmp_path)
    hub.faults.silent_after = after
    asked = threading.Event()

    def check() -> None:
        if asked.is_set():
            raise Cancelled("Stopped.")

    def stop() -> None:
        hub.wait_for("config.json" if not after else "textual/weights.bin", 1)
        began.append(time.monotonic())
        asked.set()

    began: list[float] = []
    stopper = threading.Thread(target=stop)
    stopper.start()
    with pytest.raises(Cancelled):
        world.library.getting.get(MODEL, world.told.append, check)
    assert time.monotonic() - began[0] < 1.0
    stopper.join()


def test_a_slow_link_tells_speed_and_time_left(hub: Hub, world: World, tmp_path: Path) -> None:
    big_weights(hub, tmp_path)
    hub.faults.chunk_s = 0.06
    began = time.monotonic()
    world.get()
    took = time.monotonic() - began
    told = [each for each in world.told if each.stage == "downloading" and each.seconds_left]
    assert told
    assert all(each.bytes_per_second > 0 for each in told)
    assert len(world.told) < 10 * took + 20
    assert told[-1].done_bytes <= told[-1].total_bytes


def test_wrong_bytes_are_fetched_again_once(hub: Hub, world: World) -> None:
    hub.faults.wrong["visual/model.onnx"] = 1
    world.get()
    assert any("visual/model.onnx arrived damaged" in note for note in world.notes)


@pytest.mark.parametrize("file", ["visual/model.onnx", "config.json"])
def test_wrong_bytes_never_count_as_installed(hub: Hub, world: World, file: str) -> None:
    hub.faults.wrong[file] = 9
    with pytest.raises(
        ModelError, match=re.escape(f"{file} of {REPOSITORY} arrived damaged twice")
    ):
        world.get()
    assert not (world.folder / MODEL).exists()
    assert world.library.models() == ()


@pytest.mark.parametrize("status", [429, 503])
def test_the_hub_asks_to_wait(hub: Hub, world: World, status: int) -> None:
    hub.faults.busy += [(status, {"Retry-After": "1"}), (status, {"Retry-After": "1"})]
    began = time.monotonic()
    world.get()
    assert time.monotonic() - began >= 2
    assert any("asks to wait. Trying again in 1 s." in note for note in world.notes)


def test_a_hub_with_a_fault_is_asked_again(hub: Hub, world: World) -> None:
    hub.faults.busy += [(500, {}), (502, {})]
    world.get()
    assert any("error 502" in note for note in world.notes)


def test_a_repository_that_is_gone(hub: Hub, world: World) -> None:
    hub.repositories.clear()
    with pytest.raises(ModelError, match=f"There is no {REPOSITORY} on 127.0.0.1"):
        world.get()


def test_a_file_that_is_gone(hub: Hub, world: World) -> None:
    hub.faults.missing.add("textual/model.onnx")
    with pytest.raises(ModelError, match=f"There is no {REPOSITORY}/textual/model.onnx"):
        world.get()


def test_a_repository_that_is_not_whole(hub: Hub, world: World) -> None:
    del hub.repositories[REPOSITORY]["visual/model.onnx"]
    with pytest.raises(ModelError, match=r"not whole: visual/model\.onnx is missing"):
        world.get()


def test_terms_that_must_be_accepted_at_the_hub(hub: Hub, world: World) -> None:
    hub.faults.refuse = (403, {"X-Error-Code": "GatedRepo"})
    with pytest.raises(ModelError, match=r"accepted its terms: open http.*HF_TOKEN"):
        world.get()
    hub.faults.refuse = (401, {})
    with pytest.raises(ModelError, match="only some may read it"):
        world.get()


def test_a_login_page_in_between(hub: Hub, world: World) -> None:
    hub.faults.login_page = True
    with pytest.raises(ModelError, match="login page"):
        world.get()


def test_no_network(hub: Hub, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises(ModelError, match=r"127\.0\.0\.1:9 cannot be reached"):
        world.get()
    monkeypatch.setenv("HF_ENDPOINT", "ftp://somewhere")
    with pytest.raises(ModelError, match="HF_ENDPOINT is “ftp://somewhere”"):
        world.get()


def test_offline_mode(hub: Hub, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    import huggingface_hub

    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(ModelError, match="switched off by HF_HUB_OFFLINE"):
        world.get()
    assert hub.asked == []


def test_a_hub_without_ranges_starts_over(hub: Hub, world: World, tmp_path: Path) -> None:
    content = big_weights(hub, tmp_path)
    hub.faults.cut["textual/weights.bin"] = [100_000]
    hub.faults.no_ranges = True
    world.get()
    assert (world.folder / MODEL / "textual/weights.bin").read_bytes() == content


def test_a_file_that_changed_meanwhile_starts_over(hub: Hub, world: World, tmp_path: Path) -> None:
    big_weights(hub, tmp_path)
    hub.faults.chunk_s = 0.005
    stop = Stop(hub, "textual/weights.bin", 100_000)
    with pytest.raises(Cancelled):
        world.library.getting.get(MODEL, world.told.append, stop)
    hub.faults.chunk_s = 0
    hub.asked.clear()
    changed = hub.repositories[REPOSITORY]["textual/weights.bin"][:-1] + b"x"
    hub.repositories[REPOSITORY]["textual/weights.bin"] = changed
    world.get()
    assert (world.folder / MODEL / "textual/weights.bin").read_bytes() == changed
    files = [each for each in hub.asked if each.store]
    assert [(each.path.rpartition("/-/")[2], each.range) for each in files] == [
        ("textual/weights.bin", "")  # the others are still what they were
    ]
    commits = {file.commit for file in record.read(world.folder / MODEL).values()}
    assert commits == {hub.commit(REPOSITORY)}


def test_no_room_on_the_disk_is_said_before(hub: Hub, world: World, tmp_path: Path) -> None:
    big_weights(hub, tmp_path)
    world.with_means(Means(PATIENCE, free=lambda folder: 50 * 2**20))
    with pytest.raises(ModelError, match=r"too full: 1\d MB more are needed\. Free some space"):
        world.get()
    assert "visual/model.onnx" not in hub.served


def test_a_disk_that_fills_up(hub: Hub, world: World, tmp_path: Path) -> None:
    content = big_weights(hub, tmp_path)
    world.with_means(Means(PATIENCE, open_part=lambda path: _Full(path, 100_000)))
    with pytest.raises(ModelError, match=r"is full\. Free some space and go on"):
        world.get()
    world.with_means(Means(PATIENCE))
    world.get()
    assert (world.folder / MODEL / "textual/weights.bin").read_bytes() == content
    assert hub.served["visual/model.onnx"] == len(hub.repositories[REPOSITORY]["visual/model.onnx"])


def _Full(path: Path, room: int) -> BinaryIO:
    """Open a file on a disk that has room for so many bytes."""

    class Full(io.BufferedWriter):
        def write(self, data: bytes, /) -> int:  # type: ignore[override]
            if self.tell() + len(data) > room:
                raise OSError(errno.ENOSPC, "No space left on device")
            return super().write(data)

    return Full(path.open("ab", buffering=0))  # type: ignore[return-value]


def test_a_research_licence_is_accepted_once(hub: Hub, world: World, tmp_path: Path) -> None:
    name = "nllb-clip-base-siglip__mrl"
    hub.repositories[f"immich-app/{name}"] = hub.repositories[REPOSITORY]
    with pytest.raises(ModelError, match=r"research.*CC-BY-NC-4\.0: https.*--accept-licence"):
        world.get(name)
    assert hub.asked == []
    world.library.getting.accept(name)
    world.get(name)
    world.with_means(Means(PATIENCE))  # another start of the program
    offers = {offer.name: offer for offer in world.library.offers.all()}
    assert offers[name].accepted
    assert not offers["buffalo_l"].accepted


def test_the_free_pair_comes_from_two_repositories(hub: Hub, world: World, models: Path) -> None:
    pair = models / "standin-faces-free"
    for kind, name, file in (
        ("detection", "face_detection_yunet", "face_detection_yunet_2023mar.onnx"),
        ("recognition", "face_recognition_sface", "face_recognition_sface_2021dec.onnx"),
    ):
        content = (pair / kind / "model.onnx").read_bytes()
        hub.repositories[f"opencv/{name}"] = {
            file: content,
            file.replace(".onnx", "_int8.onnx"): b"not wanted",
            "README.md": b"read me",
        }
    pack = world.get("yunet-sface")
    assert pack.in_use
    assert world.files("yunet-sface") == {
        "detection/model.onnx",
        "recognition/model.onnx",
        record.NAME,
    }


def test_two_at_once_do_not_spoil_a_model(hub: Hub, world: World, tmp_path: Path) -> None:
    big_weights(hub, tmp_path)
    hub.faults.chunk_s = 0.05
    problems: list[ModelError] = []

    def second() -> None:
        hub.wait_for("textual/weights.bin", 1)
        try:
            world.library.getting.get(MODEL, lambda progress: None, lambda: None)
        except ModelError as error:
            problems.append(error)

    other = threading.Thread(target=second)
    other.start()
    world.get()
    other.join()
    assert "worked on already" in str(problems[0])


@pytest.mark.parametrize("name", ["{else}", "../precious", "a/../../precious"])
def test_discarding_reaches_nothing_elsewhere(world: World, tmp_path: Path, name: str) -> None:
    models = world.library.getting.folder
    models.mkdir(parents=True, exist_ok=True)
    kept = [tmp_path / "precious.part", models.parent / "precious.part"]
    for folder in kept:
        (folder / "sub").mkdir(parents=True)
    with pytest.raises(ModelError, match="Nothing of"):
        world.library.getting.discard(name.format(**{"else": tmp_path / "precious"}))
    assert all((folder / "sub").is_dir() for folder in kept)


def test_discarding_deletes_the_part(hub: Hub, world: World, tmp_path: Path) -> None:
    big_weights(hub, tmp_path)
    hub.faults.chunk_s = 0.005
    with pytest.raises(Cancelled):
        world.library.getting.get(
            MODEL, world.told.append, Stop(hub, "textual/weights.bin", 50_000)
        )
    assert world.library.getting.partial(MODEL) > 0
    world.library.getting.discard(MODEL)
    assert world.library.getting.partial(MODEL) == 0
    assert not list(world.folder.glob(f"{MODEL}*"))
    with pytest.raises(ModelError, match="Nothing of"):
        world.library.getting.discard(MODEL)


def test_a_hub_whose_list_leads_out_of_the_folder(hub: Hub, world: World, tmp_path: Path) -> None:
    published(hub, tmp_path, Tiny(external=True))
    hub.repositories[REPOSITORY]["visual/../../../evil.bin"] = b"evil"
    world.get()
    assert not list(tmp_path.rglob("evil.bin"))


def test_a_part_of_an_older_program_is_no_trouble(hub: Hub, world: World) -> None:
    part = world.folder / f"{MODEL}.part"
    (part / "visual").mkdir(parents=True)
    (part / "visual/model.onnx.part").write_bytes(b"x" * 10_000_000)
    (part / "visual/model.onnx").write_bytes(b"x")
    (part / record.NAME).write_text("{broken")
    world.get()
    assert world.files() == SMALL | GRAPHS | {record.NAME}


def test_progress_is_remembered_while_it_runs(hub: Hub, world: World) -> None:
    seen: list[DownloadProgress | None] = []
    getting = world.library.getting
    getting.get(MODEL, lambda progress: seen.append(getting.progress(MODEL)), lambda: None)
    assert all(each is not None and each.name == MODEL for each in seen)
    assert getting.progress(MODEL) is None
