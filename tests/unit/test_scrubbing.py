"""Nothing in a report tells what somebody's photos, folders or the user are called."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import traceback
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import photosearch
from photosearch import log
from photosearch.scrubbing import LEFT_OUT, PATH, USER, Scrubber

OWN = "/home/anna/.local/share/photosearch"
CODE = str(Path(photosearch.__file__).parent)
SCRUBBER = Scrubber(
    {CODE: "photosearch"}, {OWN: "data"}, ("anna", "annas-laptop"), ("indexing.batch",)
)
SECRET = "Zürich with Aunt Emma"
# Anything that a file's name may be, with a word in it that must never be seen.
NAMES = st.text(st.characters(exclude_characters="/\0", exclude_categories=["Cs"]), max_size=12)
PLACES = ("/home/anna/", "/media/anna/My drive/", "C:\\Users\\anna\\", "\\\\nas\\photos\\", "~/")
SENTENCES = (
    "{} cannot be used: {}",
    "It could not be read ({}).",
    "deleting {}, which was never finished",
    "There is no folder or photo at {}.",
    "[Errno 2] No such file or directory: {!r}",
    "“{}” is not a model",
    "path={}",
    "left:{}",
    "Moving 'a' to {!r} took 31 photos/s",
)
QUOTES = ("''", '""', "“”", "„“", "«»", "‘’", "``")
QUOTED = ("{} is offline", "The folder {}, asked for, is broken", "[Errno 2] No such file: {}")


@given(st.sampled_from(SENTENCES), st.sampled_from(PLACES), NAMES, NAMES, st.booleans())
@example(SENTENCES[0], PLACES[0], "a\n    ", "\n", True)
@example(SENTENCES[0], PLACES[0], "", '"; 2026-01-01', False)
def test_no_part_of_a_path_is_left(
    sentence: str, place: str, before: str, after: str, picture: bool
) -> None:
    path = f"{place}{before}{SECRET}/{after}{SECRET}" + (".jpg" if picture else "")
    for said in (
        SCRUBBER.sentence(sentence.format(path, path)),
        SCRUBBER.scrubbed(record(sentence.format(path, path))),
        SCRUBBER.scrubbed(raised(OSError(sentence.format(path, path)))),
        SCRUBBER.scrubbed(raised(FileNotFoundError(2, "No such file", os.fsencode(path)))),
    ):
        for word in ("Emma", "rich with", "anna", "My drive", "nas"):
            assert word not in said, said


@given(st.sampled_from(SENTENCES), st.from_regex(r"\w{1,12}", fullmatch=True))
@example(SENTENCES[1], "JPEG")
@example(SENTENCES[1], "JPEG_original")
@example(SENTENCES[1], "CR3x")
@example(SENTENCES[1], "001")
def test_no_name_with_an_ending_is_left(sentence: str, ending: str) -> None:
    for name in (f"{SECRET}.{ending}", f"{SECRET}/x.{ending}", f"2023/{SECRET}"):
        said = SCRUBBER.sentence(sentence.format(name, name))
        assert "Emma" not in said
        assert "rich" not in said.replace(LEFT_OUT, "")


@given(st.sampled_from(QUOTES), st.sampled_from(QUOTED), NAMES, NAMES)
@example("''", QUOTED[0], "a' object ", "")
@example('""', QUOTED[2], "", "' “")
def test_nothing_in_quotes_is_left(quotes: str, sentence: str, before: str, after: str) -> None:
    name = f"{quotes[0]}{before}{SECRET}{after}{quotes[1]}"
    assert "Emma" not in SCRUBBER.sentence(sentence.format(name))
    assert "Emma" not in SCRUBBER.sentence(sentence.format(repr(f"{before}{SECRET}{after}")))
    assert "Emma" not in SCRUBBER.scrubbed(raised(OSError(2, "No such file", SECRET)))


@pytest.mark.parametrize(
    ("told", "left"),
    [
        ("'Hochzeit Meier' is offline", "'…' is offline"),
        ("[Errno 2] No such file or directory: 'Lisa Meier'",
         "[Errno 2] No such file or directory: '…'"),
        ("cannot decode b'Lisa Meier'", "cannot decode '…'"),
        ("“Lisa” and „Meier“ and «Anton» are merged", "'…' are merged"),
        ("'Lisa' object is 'Meier'", "'…'"),
        ("Lisa nackt.JPEG_original is broken", LEFT_OUT),
        ("skipping Lisa nackt.CR3x", LEFT_OUT),
        ("skipping Lisa.ptx, Lisa.ico", LEFT_OUT),
        ("no picture in Lisa.pdf", LEFT_OUT),
        ("see %252Fhome%252Flisa", f"see {PATH}"),
        ("see &#47;home&#47;lisa", f"see {PATH}"),
        ("see &#x2F;home", f"see {PATH}"),
        ("not in C:Users", f"not in {PATH}"),
        ("https://nas.meier-familie.de/photos: 404", f"https:{PATH}"),
        ("https://huggingface.co.meier.de/x: 404", f"https:{PATH}"),
        ("nas.meier-familie.de does not answer", LEFT_OUT),
    ],
)  # fmt: skip
def test_names_go_in_every_form(told: str, left: str) -> None:
    assert SCRUBBER.sentence(told) == left


def record(message: str) -> str:
    made = logging.LogRecord("photosearch.store", logging.WARNING, "x", 1, message, (), None)
    return logging.Formatter(log.FORMAT).format(made)


def raised(error: OSError) -> str:
    try:
        raise error
    except OSError as caught:
        return "".join(traceback.format_exception(caught))


@pytest.mark.parametrize(
    ("told", "left"),
    [
        ("the engine died and is started again", None),
        ("Looking at photos 3 of 9, 31 photos/s", None),
        (f"{OWN}/library.db cannot be used: full", "data/library.db cannot be used: full"),
        (f"no kept vectors: '{OWN}/cache'.", "no kept vectors: 'data/cache'."),
        (f"{OWN}-of-Emma/x is gone", PATH),
        (f"{OWN}/models/of Emma/x is gone", LEFT_OUT),
        ("https://huggingface.co/x/y: 404", f"https://huggingface.co{PATH}"),
        ("Anna's machine annas-laptop hosts banana", f"{USER}'s machine {USER} hosts banana"),
        ("no file:///home/anna/x", f"no file:{PATH}"),
        ("No such file: '/x/y'", f"No such file: '{PATH}"),
        ("see %2Fhome%2Fanna", f"see {PATH}"),
        ("'NoneType' object has no attribute 'engine'", None),
        ("f() got an unexpected keyword argument 'width'", None),
        ("No module named 'numpy.core'", None),
        ("the setting 'indexing.batch' or indexing.batch of photosearch.gui.app", None),
        ("ONNX Runtime 1.23.2 took 0.15s, 2.5 GB", None),
    ],
)
def test_what_helps_stays(told: str, left: str | None) -> None:
    assert SCRUBBER.sentence(told) == (told if left is None else left)


def test_a_traceback_keeps_its_places(tmp_path: Path) -> None:
    strange = tmp_path / "Emma.py"
    strange.write_text("def f():\n    raise KeyError('Emma.jpg')\n")
    code = compile(strange.read_text(), str(strange), "exec")
    space: dict[str, object] = {}
    exec(code, space)
    try:
        photosearch_frame(space["f"])
    except KeyError as error:
        trace = "".join(traceback.format_exception(error))
    scrubbed = Scrubber({str(Path(__file__).parent): "unit"}, {}).scrubbed(trace)
    assert 'File "unit/test_scrubbing.py", line ' in scrubbed
    assert "    function()" in scrubbed, "lines of the program's own source help"
    assert f'  File "{PATH}", line 2, in f\n‹left out›\n' in scrubbed
    assert scrubbed.endswith(f"KeyError: {LEFT_OUT}")
    assert "Emma" not in scrubbed


def photosearch_frame(function: object) -> None:
    assert callable(function)
    function()


def test_what_has_no_known_form_is_left_out() -> None:
    first, last = record("two lines"), record("well")
    text = f"{first}\nEmma, Zürich\nEmma again\nand again\n{last}"
    assert SCRUBBER.scrubbed(text).splitlines() == [
        first, "‹left out›", last,
    ]  # fmt: skip


def test_a_native_crash_keeps_its_places() -> None:
    program = "import faulthandler, logging; faulthandler.enable(); faulthandler._sigsegv()"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False
    )
    scrubbed = Scrubber.of_this_machine({}).scrubbed(done.stderr)
    assert scrubbed.startswith("Fatal Python error: Segmentation fault\n\nCurrent thread 0x")
    assert 'File "<string>", line 1 in <module>' in scrubbed


def test_this_machine_knows_its_user_and_code() -> None:
    scrubber = Scrubber.of_this_machine({})
    home = Path.home()
    assert scrubber.sentence(f"in {home}/x") == f"in {PATH}"
    trace = f'  File "{CODE}/library.py", line 3, in close\n  File "{os.__file__}", line 1, in x'
    assert scrubber.scrubbed(trace) == (
        '  File "photosearch/library.py", line 3, in close\n  File "python/os.py", line 1, in x'
    )
