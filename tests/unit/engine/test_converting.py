"""The child that converts: progress comes, giving up ends it, its death is a sentence."""

from __future__ import annotations

import threading
from pathlib import Path

import psutil
import pytest
import tiny_open_clip

from photosearch.engine.converting import Converter
from photosearch.engine.wire import start_child
from photosearch.errors import Cancelled, ModelError
from photosearch.types import Conversion, ConversionProgress

from .conftest import child

REQUEST = Conversion("mine", "x", checkpoint="y")
SPEAKING = """
from photosearch.engine.wire import own_wire
from photosearch.types import ConversionProgress
wire = own_wire()
print(wire.receive())
wire.send(("progress", ConversionProgress("loading", 1, 5)))
"""
WAITING = SPEAKING + "wire.receive()"
CRASHING = SPEAKING + "import os; os._exit(3)"
KILLED = SPEAKING + "import os; os.kill(os.getpid(), 9)"


def never() -> None:
    """Go on."""


def test_giving_up_ends_the_child(tmp_path: Path) -> None:
    started: list[int] = []
    seen = threading.Event()

    def check() -> None:
        if seen.is_set():
            raise Cancelled("Stopped.")

    converter = Converter(tmp_path / "log", child(WAITING, started))
    with pytest.raises(Cancelled):
        converter.convert(REQUEST, tmp_path, lambda _: seen.set(), check)
    assert not psutil.pid_exists(started[0])


@pytest.mark.parametrize(
    ("code", "words"),
    [(CRASHING, r"ended unexpectedly \(code 3\); see .*log"), (KILLED, "lack of memory")],
)
def test_the_end_of_the_child_is_said(code: str, words: str, tmp_path: Path) -> None:
    steps: list[ConversionProgress] = []
    converter = Converter(tmp_path / "log", child(code))
    with pytest.raises(ModelError, match=words):
        converter.convert(REQUEST, tmp_path, steps.append, never)
    assert [step.stage for step in steps] == ["loading"]


def test_a_bug_in_the_child_is_a_sentence(tmp_path: Path) -> None:
    code = """
import sys
from photosearch.inference.conversion import converting
def broken(*given):
    raise ZeroDivisionError("nothing to divide")
converting.convert = broken
from photosearch.engine.children import run_converter
sys.exit(run_converter([]))
"""
    with pytest.raises(ModelError, match=r"failed \(ZeroDivisionError: nothing to divide\)"):
        Converter(tmp_path / "log", child(code)).convert(REQUEST, tmp_path, lambda _: None, never)


def test_the_real_child_without_the_extra(tmp_path: Path) -> None:
    code = """
import sys
sys.modules["open_clip"] = None
from photosearch.engine.children import run_converter
sys.exit(run_converter([]))
"""
    with pytest.raises(ModelError) as raised:
        Converter(tmp_path / "log", child(code)).convert(REQUEST, tmp_path, lambda _: None, never)
    assert str(raised.value).endswith('with .venv/bin/pip install ".[openclip]".')
    assert ". " not in str(raised.value), "one sentence"


@pytest.mark.slow
def test_the_real_child_leaves_nothing_when_the_program_ends(tmp_path: Path) -> None:
    """A program that is killed closes its pipes; so does this."""
    training = tiny_open_clip.write_training(tmp_path)
    unfinished = tmp_path / "unfinished"
    unfinished.mkdir()
    process, wire = start_child("--convert", f"--log={tmp_path / 'log'}", gentle=True)
    wire.send(("convert", training.conversion(), str(unfinished)))
    stage = ""
    while stage != "exporting words":
        kind, step = wire.receive()
        assert kind == "progress", step
        stage = step.stage
    assert (unfinished / "config.json").exists()
    wire.close()
    assert process.wait(30) == 1
    assert not unfinished.exists()


def test_a_child_that_is_still_writing_leaves_nothing_either(tmp_path: Path) -> None:
    code = """
import itertools, sys
from contextlib import suppress
from photosearch.inference.conversion import converting
from photosearch.types import ConversionProgress
def write(request, folder, report):
    for number in itertools.count():
        with suppress(FileNotFoundError):
            (folder / str(number)).touch()
        if number == 1000:
            report(ConversionProgress("exporting words", 1, 2, ""))
converting.convert = write
from photosearch.engine.children import run_converter
sys.exit(run_converter([]))
"""
    unfinished = tmp_path / "unfinished"
    unfinished.mkdir()
    process, wire = child(code)()
    wire.send(("convert", REQUEST, str(unfinished)))
    assert wire.receive()[0] == "progress"
    wire.close()
    assert process.wait(30) == 1
    assert not unfinished.exists()


def test_deleting_again_and_again_takes_little(tmp_path: Path) -> None:
    """A file that is open cannot be deleted on Windows: that lasts until the limit."""
    code = f"""
from pathlib import Path
from photosearch.engine import converting
tries = open({str(tmp_path / "tries")!r}, "ab", buffering=0)
converting.shutil.rmtree = lambda folder, ignore_errors: tries.write(b".")
converting._LEAVE_S = 0.5
class Gone:
    def receive(self):
        raise EOFError
converting._leave(Gone(), Path({str(tmp_path / "unfinished")!r}))
"""
    (tmp_path / "unfinished").mkdir()
    process, wire = child(code)()
    assert process.wait(30) == 1
    wire.close()
    assert 1 <= len((tmp_path / "tries").read_bytes()) <= 11
