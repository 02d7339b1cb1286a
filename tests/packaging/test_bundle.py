"""The bundle does its work with nothing around it."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import fake_pack
import hub_server
import pytest

import photosearch
from photosearch.paths import resources

from .bundle import ANSWER, QUERY, Bundled, screen, ten_photos, title_shown, wait_for

HEAVY = ("torch", "open_clip", "transformers", "insightface", "onnxscript", "scipy", "cv2")


def test_the_window_indexes_ten_photos_and_finds_the_right_one(
    bundled: Bundled, photos: Path, models: Path, tmp_path: Path
) -> None:
    folder = ten_photos(photos, tmp_path / "photos")
    bundled.good("models", "add", models / "standin-clip")
    with screen() as display:
        shown = replace(bundled, more={"DISPLAY": display})
        window = subprocess.Popen(
            [bundled.program.with_name("photosearch-window"), folder],
            env=shown.environment,
            cwd=bundled.user,
            stderr=subprocess.PIPE,
        )
        try:
            wait_for("the window", lambda: title_shown(display))
            wait_for("the index", lambda: is_indexed(bundled, 10))
            assert bundled.found(QUERY)[0] == ANSWER
            window.send_signal(signal.SIGTERM)
            _, said = window.communicate(timeout=30)
        finally:
            window.kill()
    assert window.returncode == 0
    for trouble in (b"Traceback", b"plugin", b"cannot open shared object"):
        assert trouble not in said, said


def is_indexed(bundled: Bundled, count: int) -> bool:
    status = bundled.good("status")
    return bool(status["photos"] == count and not any(status["pending"].values()))


def test_it_knows_what_it_is_made_of(bundled: Bundled) -> None:
    assert bundled.run("--version").stdout == f"PhotoSearch {photosearch.__version__}\n"
    report = bundled.good("doctor")
    versions = report["versions"]
    for package in ("PySide6-Essentials", "hnswlib", "numpy", "pillow", "tokenizers"):
        assert versions[package][0].isdigit(), package
    assert versions["torch"] == versions["open_clip_torch"] == "not installed"
    assert report["devices"]["cpu"] == "CPU, works"


def test_what_it_carries(bundle: Path) -> None:
    inside = bundle / "_internal"
    ours, theirs = resources(), inside / "photosearch" / "resources"
    shipped = [file.relative_to(ours) for file in ours.rglob("*") if file.is_file()]
    assert [file for file in shipped if not (theirs / file).is_file()] == []
    names = {entry.name.split("-")[0].split(".")[0] for entry in inside.iterdir()}
    assert names.isdisjoint(HEAVY)
    assert {"photosearch", "numpy", "onnxruntime"} <= names
    plugins = inside / "PySide6" / "Qt" / "plugins"
    for plugin in ("platforms/libqxcb.so", "platforms/libqwayland.so", "imageformats/libqsvg.so"):
        assert (plugins / plugin).is_file(), plugin
    assert not list(plugins.glob("*/libqgtk3.so"))


def test_a_model_of_the_hub_is_downloaded(
    bundled: Bundled, models: Path, recipe: Callable[[str], ModuleType]
) -> None:
    model = "ViT-B-32__openai"
    with hub_server.running() as hub:
        hub.add(f"immich-app/{model}", models / "standin-clip")
        done = replace(bundled, more={"HF_ENDPOINT": hub.url}).run("models", "get", model)
    assert done.returncode == 0, done.stderr
    assert [each["name"] for each in bundled.good("models", "list")["models"]] == [model]


def test_a_model_is_made_smaller(bundled: Bundled, models: Path) -> None:
    """The child that does it loads parts of ONNX that nothing else does."""
    bundled.good("models", "add", models / "standin-clip")
    measured = bundled.run("models", "measure", "standin-clip")
    assert measured.returncode == 0, measured.stderr
    assert "int8" in measured.stdout


def test_what_it_cannot_do_it_says_in_a_sentence(bundled: Bundled, tmp_path: Path) -> None:
    convert = ("--architecture", "ViT-B-32", "--pretrained", "openai", "--name", "mine")
    done = bundled.run("models", "convert", *convert)
    assert done.returncode == 1
    assert "photosearch models add DIR" in done.stderr
    assert "pip install" not in done.stderr
    done = bundled.run("gpu", "install", "--from", tmp_path)
    assert done.returncode == 1
    assert "of the GPU pack" in done.stderr


def test_the_runtime_for_nvidia_cards_can_be_installed(bundled: Bundled, tmp_path: Path) -> None:
    """The package installer is in the bundle: it fetches nothing here, and checks what it takes."""
    files = {"it.py": b"here = 1\n"}
    made = fake_pack.wheel(tmp_path / "wheels", "onnxruntime-gpu", "1.26.0", files)
    wanted, target = tmp_path / "wanted.txt", tmp_path / "target"
    given = ["--no-index", "--find-links", tmp_path / "wheels", "--require-hashes", "-r", wanted]
    command = [bundled.program, "--pip", "install", "--no-deps", "--target", target, *given]
    for digest, code in (("0" * 64, 1), (made.sha256, 0)):
        wanted.write_text(f"onnxruntime-gpu==1.26.0 --hash=sha256:{digest}\n")
        with subprocess.Popen(
            command, env=bundled.environment, stdin=subprocess.PIPE, stderr=subprocess.PIPE
        ) as child:
            assert child.wait(60) == code
            assert (target / "it.py").exists() == (code == 0)


def test_programs_it_starts_use_the_systems_libraries(
    recipe: Callable[[str], ModuleType], monkeypatch: pytest.MonkeyPatch
) -> None:
    import os

    start = recipe("bundle/start.py")
    monkeypatch.setenv("LD_LIBRARY_PATH", "/bundle/_internal:/theirs")
    monkeypatch.setenv("LD_LIBRARY_PATH_ORIG", "/theirs")
    monkeypatch.setenv("PYINSTALLER_RESET_ENVIRONMENT", "")
    start.give_back_library_path()
    assert os.environ["LD_LIBRARY_PATH"] == "/theirs"
    monkeypatch.delenv("LD_LIBRARY_PATH_ORIG", raising=False)
    start.give_back_library_path()
    assert "LD_LIBRARY_PATH" not in os.environ
    assert os.environ["PYINSTALLER_RESET_ENVIRONMENT"] == "1"  # for children of our own


def test_without_a_console_the_reason_is_shown(
    recipe: Callable[[str], ModuleType], monkeypatch: pytest.MonkeyPatch
) -> None:
    import sys

    start, shown = recipe("bundle/start.py"), []
    monkeypatch.setattr(start, "show", shown.append)
    for name in ("stdout", "stderr"):
        monkeypatch.setattr(sys, name, None)

    def fails() -> int:
        print("The library is on a network share.", file=sys.stderr)
        return 1

    assert start.without_console(fails) == 1
    assert shown == ["The library is on a network share."]
    assert start.without_console(lambda: 0) == 0
    assert len(shown) == 1
