"""Getting models with the program as a user starts it: killed in the middle, stopped, repaired."""

from __future__ import annotations

import json
import signal
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import hub_server
import pytest
from hub_server import Hub

from .program import TIMEOUT_S, Answer, Program, copy_photos

MODEL = "ViT-B-32__openai"
REPOSITORY = f"immich-app/{MODEL}"
VISUAL = "visual/model.onnx"


@dataclass(frozen=True)
class Online:
    """The program with a hub on loopback as its only network."""

    program: Program
    hub: Hub

    @property
    def environment(self) -> dict[str, str]:
        return self.program.environment(
            HF_ENDPOINT=self.hub.url, HF_HUB_OFFLINE=None, HF_TOKEN=None, HF_HOME=self.home
        )

    @property
    def home(self) -> str:
        return str(self.program.home / "hub")

    def run(self, *arguments: str | Path) -> Answer:
        answer = self.program.run(*arguments, env=self.environment)
        assert "Traceback" not in answer.words
        return answer

    def start(self, *arguments: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            self.program.command(*arguments),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            env=self.environment,
        )


@pytest.fixture
def online(program: Program, models: Path) -> Iterator[Online]:
    with hub_server.running() as hub:
        hub.add(REPOSITORY, models / "standin-clip")
        hub.repositories[REPOSITORY]["visual/model.armnn"] = b"for phones"
        yield Online(program, hub)


def stopped_in_the_middle(online: Online, number: signal.Signals) -> tuple[int, str]:
    """Begin a download and stop it with a signal while a file is on its way."""
    online.hub.faults.chunk_s = 0.005
    child = online.start("models", "get", MODEL)
    online.hub.wait_for(VISUAL, 2_000_000)
    child.send_signal(number)
    _, words = child.communicate(timeout=TIMEOUT_S)
    online.hub.faults.chunk_s = 0
    return child.returncode, words.decode()


def test_a_download_that_was_killed_goes_on(online: Online, photos: Path, tmp_path: Path) -> None:
    code, _ = stopped_in_the_middle(online, signal.SIGKILL)
    assert code == -signal.SIGKILL
    part = online.program.home / "models" / f"{MODEL}.part" / f"{VISUAL}.part"
    kept = part.stat().st_size
    assert kept > 1_500_000
    online.hub.asked.clear()

    answer = online.run("models", "get", MODEL, "--json")
    assert answer.code == 0, answer.words
    (model,) = answer.json["models"]
    assert model["in_use"]
    ranges = {each.path.rpartition("/-/")[2]: each.range for each in online.hub.asked if each.store}
    assert ranges == {VISUAL: f"bytes={kept}-", "textual/model.onnx": ""}
    assert "visual/model.armnn" not in online.hub.served

    folder = copy_photos(sorted((photos / "captioned" / "images").iterdir())[:8], tmp_path / "p")
    assert online.run("index", folder).code == 0
    found = online.program.good("search", "a dog", "--content-only")
    assert len(found["results"]) == 8


def test_a_download_that_was_stopped_can_be_given_up(online: Online) -> None:
    code, words = stopped_in_the_middle(online, signal.SIGINT)
    assert code == 130
    assert "What is done is kept; the next run goes on from here." in words
    listed = {m["name"]: m for m in online.program.good("models", "catalogue")["models"]}
    assert listed[MODEL]["state"] == "paused"
    assert listed[MODEL]["progress"]["done_bytes"] > 2_000_000
    freed = online.program.good("models", "discard", MODEL)["freed"]
    assert freed > 2_000_000
    assert not list((online.program.home / "models").glob(f"{MODEL}*"))


def test_a_damaged_model_is_repaired(online: Online) -> None:
    assert online.run("models", "get", MODEL).code == 0
    visual = online.program.home / "models" / MODEL / VISUAL
    whole = visual.read_bytes()
    visual.write_bytes(whole[:-1000])
    listed = online.run("models", "list")
    assert f"{VISUAL} of the model “{MODEL}” is damaged" in "\n".join(listed.lines)
    assert online.run("models", "repair", MODEL).code == 0
    assert visual.read_bytes() == whole
    (model,) = online.program.good("models", "list")["models"]
    assert model["problem"] == ""


def test_the_catalogue_and_what_may_not_be_fetched(online: Online) -> None:
    table = online.run("models", "catalogue")
    assert table.code == 0
    text = "\n".join(table.lines)
    assert "nllb-clip-large-siglip__mrl" in text
    assert "(recommended)" in text
    refused = online.run("models", "get", "buffalo_l")
    assert refused.code == 1
    assert "--accept-licence" in refused.words
    unknown = online.run("models", "get", "nothing")
    assert unknown.code == 1
    assert "photosearch models catalogue" in unknown.words
    assert online.hub.asked == []


def test_a_research_pack_after_accepting(online: Online, models: Path) -> None:
    online.hub.add("immich-app/buffalo_s", models / "standin-faces")
    assert online.run("models", "get", "buffalo_s", "--accept-licence").code == 0
    accepted = json.loads((online.program.home / "accepted.json").read_text())["accepted"]
    assert list(accepted) == ["buffalo_s"]


def test_where_models_lie_is_a_setting(online: Online, tmp_path: Path) -> None:
    place = tmp_path / "elsewhere"
    answer = online.run("models", "get", MODEL, "--models-folder", place)
    assert answer.code == 0, answer.words
    assert (place / MODEL / VISUAL).exists()
    assert not Path(online.home).exists()  # the hub's own client writes nothing either
