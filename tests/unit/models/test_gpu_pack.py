"""The GPU pack: its list, and installing it with the real package installer from tiny wheels."""

from __future__ import annotations

import hashlib
import json
import socket
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import fake_pack
import fake_runtime
import pytest

from photosearch.engine.trying import Trying
from photosearch.engine.wire import program
from photosearch.errors import Cancelled, ModelError
from photosearch.inference import gpu_pack
from photosearch.inference.gpu_pack import Listing, listing, python_tag, usable
from photosearch.models.devices import Devices
from photosearch.models.installing import Installation, explained
from photosearch.paths import Paths, resources
from photosearch.settings.held import held
from photosearch.settings.store import SettingsStore
from photosearch.types import DownloadProgress

MUCH = 1 << 50


@pytest.fixture
def paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Paths:
    """A home, in a computer with one NVIDIA card; a user's own settings of pip do not matter."""
    folder = fake_runtime.nvidia_smi(tmp_path / "bin", ("NVIDIA RTX 3060", "535.1"))
    monkeypatch.setenv("PATH", str(folder), prepend=":")
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    monkeypatch.setenv("PIP_USER", "1")
    monkeypatch.setenv("PIP_REQUIRE_VIRTUALENV", "1")
    made = Paths.below(tmp_path / "home with a space")
    made.create()
    return made


def devices(
    paths: Paths, listed: Listing, renewed: Callable[[], None] = lambda: None, free: int = MUCH
) -> Devices:
    settings = SettingsStore(paths.settings_file)
    return Devices(paths, settings, renew=renewed, listing=lambda: listed, free=lambda folder: free)


def go_on() -> None:
    """Nobody stops it."""


def quiet(progress: DownloadProgress) -> None:
    """Nobody looks."""


def left(paths: Paths) -> set[str]:
    """Return what lies in the data folder beside the caches and settings."""
    return {path.name for path in paths.data.iterdir()} - {
        "cache",
        "settings.toml",
        "settings.toml.lock",
        "settings-before.toml",
        "gpu.lock",
    }


# --- the list ---------------------------------------------------------------------


@pytest.mark.parametrize("system", ["linux", "win32"])
@pytest.mark.parametrize("python", ["cp311", "cp312", "cp313", "cp314"])
def test_linux_and_windows_have_a_pack_for_each_python(system: str, python: str) -> None:
    listed = listing(system=system, machine="AMD64", python=python)
    names = [wheel.name for wheel in listed.wheels]
    assert len(names) == len(set(names)) == 8
    assert {"onnxruntime-gpu", "nvidia-cublas-cu12", "nvidia-cudnn-cu12"} <= set(names)
    assert all(len(bytes.fromhex(wheel.sha256)) == 32 for wheel in listed.wheels)
    assert all(wheel.file.endswith(".whl") and wheel.bytes > 0 for wheel in listed.wheels)
    assert len({wheel.sha256 for wheel in listed.wheels}) == 8
    assert 1.5e9 < listed.download_bytes < 2.5e9
    platform = "manylinux" if system == "linux" else "win_amd64"
    assert all(platform in wheel.file for wheel in listed.wheels)
    assert python in next(w.file for w in listed.wheels if w.name == "onnxruntime-gpu")


@pytest.mark.parametrize(
    ("system", "machine", "python"),
    [
        ("darwin", "arm64", "cp312"),
        ("linux", "aarch64", "cp312"),
        ("win32", "ARM64", "cp312"),
        ("linux", "x86_64", "cp310"),
        ("linux", "x86_64", ""),
    ],
)
def test_other_systems_have_none(system: str, machine: str, python: str) -> None:
    listed = listing(system=system, machine=machine, python=python)
    assert listed.wheels == ()
    assert not gpu_pack.state(Path("nowhere"), listed).supported


def test_a_damaged_list_is_said(tmp_path: Path) -> None:
    for text in ("[", 'version = "1"', "wheel = [1]\nversion = 1\ndriver = 1"):
        (tmp_path / "list.toml").write_text(text)
        with pytest.raises(ModelError, match="cannot be used"):
            listing(tmp_path / "list.toml")


def test_the_list_names_no_host() -> None:
    text = (resources() / gpu_pack.LIST).read_text(encoding="utf-8")
    assert "://" not in text
    assert ".org" not in text


# --- installing -------------------------------------------------------------------


def test_a_pack_from_a_folder_is_what_children_use_from_then_on(
    paths: Paths, tmp_path: Path
) -> None:
    listed = fake_pack.write(tmp_path / "wheels")
    renewed: list[bool] = []
    here = devices(paths, listed, lambda: renewed.append(True))
    assert here.gpu_pack().installed is False
    assert here.runtime().source == "installed with PhotoSearch"
    assert [report.device.id for report in here.all()] == ["cpu"]
    told: list[DownloadProgress] = []
    pack = here.install_gpu_pack(str(tmp_path / "wheels"), told.append, go_on)
    assert (pack.installed, pack.version, pack.problem) == (True, "1.26.0", "")
    assert pack.bytes_on_disk > 999
    assert renewed
    assert {progress.stage for progress in told} <= {"verifying", "reading"}
    assert left(paths) == {"gpu"}
    runtime = here.runtime()
    assert (runtime.distribution, runtime.version) == ("onnxruntime-gpu", "1.26.0")
    assert runtime.source == f"GPU pack in {paths.gpu_pack}"
    assert [report.device.id for report in here.all()] == ["cuda", "cpu"]
    (cuda, _) = here.try_all(lambda report: None, go_on)
    assert cuda.verdict is not None
    assert cuda.verdict.works
    program = "import onnxruntime; print(onnxruntime.__file__)"  # the program's own process
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert str(paths.gpu_pack) not in done.stdout
    here.remove_gpu_pack()
    assert left(paths) == {"devices.json", "devices.json.lock"}
    assert here.gpu_pack().installed is False
    assert here.runtime().source == "installed with PhotoSearch"


def test_installing_again_replaces_what_was_there(paths: Paths, tmp_path: Path) -> None:
    first = fake_pack.write(tmp_path / "first")
    devices(paths, first).install_gpu_pack(str(tmp_path / "first"), quiet, go_on)
    second = fake_pack.write(tmp_path / "second", version="1.27.0")
    pack = devices(paths, second).install_gpu_pack(str(tmp_path / "second"), quiet, go_on)
    assert pack.version == "1.27.0"
    assert not (paths.gpu_pack / "onnxruntime_gpu-1.26.0.dist-info").exists()
    assert left(paths) == {"gpu"}


def test_fetching_by_name_tells_how_far_it_is(
    paths: Paths, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed = fake_pack.write(tmp_path / "wheels")
    # What stands for the registry here: pip looks nowhere but in a folder.
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", (tmp_path / "wheels").as_uri())
    told: list[DownloadProgress] = []
    pack = devices(paths, listed).install_gpu_pack(None, told.append, go_on)
    assert pack.installed
    loading = [progress for progress in told if progress.stage == "downloading"]
    assert loading[-1].done_bytes == loading[-1].total_bytes == listed.download_bytes
    assert {progress.file for progress in loading} == {wheel.file for wheel in listed.wheels}
    assert left(paths) == {"gpu"}


def test_what_was_fetched_stays_when_the_user_stops(
    paths: Paths, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed = fake_pack.write(tmp_path / "wheels")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", (tmp_path / "wheels").as_uri())
    seen: list[str] = []

    def stop() -> None:
        if len(set(seen)) == 2:  # the second file has begun
            raise Cancelled

    with pytest.raises(Cancelled):
        devices(paths, listed).install_gpu_pack(None, lambda p: seen.append(p.file), stop)
    assert not paths.gpu_pack.exists()
    assert listed.wheels[0].file in {p.name for p in (paths.data / "gpu.part/wheels").iterdir()}
    (tmp_path / "wheels" / listed.wheels[0].file).unlink()  # it cannot be fetched again
    assert devices(paths, listed).install_gpu_pack(None, quiet, go_on).installed


def test_the_package_installer_ends_with_the_program(tmp_path: Path) -> None:
    """Even while it waits for a server that never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"http://127.0.0.1:{server.getsockname()[1]}/simple"
        command, environment = program(
            *("--pip", "download", "nothing", "--index-url", address, "--timeout", "200"),
            *("--retries", "0", "--dest", str(tmp_path)),
        )
        child = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=environment,
        )
        try:
            server.settimeout(60)
            caller, _ = server.accept()
            with caller:
                assert child.poll() is None
                assert child.stdin is not None
                child.stdin.close()  # as the system does when the program is killed
                assert child.wait(20) == 1
        finally:
            child.kill()
            child.wait()


def test_the_package_installer_does_not_share_its_input_with_what_waits_for_the_end() -> None:
    """On Windows pip would hang at its first look at it; here it would read what is not its own."""
    code = """
import os
from photosearch.inference import installer
installer.runpy.run_module = lambda *given, **named: print(os.read(0, 1))
installer.run_pip([])
"""
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as child:
        assert child.stdout is not None
        try:
            ended = child.wait(30)
        finally:
            child.kill()
        assert (ended, child.stdout.read().split()) == (0, [b"b''"])


def test_a_file_with_another_checksum_is_refused(paths: Paths, tmp_path: Path) -> None:
    listed = fake_pack.write(tmp_path / "wheels")
    bent = replace(listed.wheels[1], sha256=hashlib.sha256(b"another").hexdigest())
    here = devices(paths, replace(listed, wheels=(listed.wheels[0], bent)))
    with pytest.raises(ModelError, match="its checksum differs"):
        here.install_gpu_pack(str(tmp_path / "wheels"), quiet, go_on)
    assert not paths.gpu_pack.exists()
    assert not here.gpu_pack().installed


def test_a_folder_that_lacks_files_is_said(paths: Paths, tmp_path: Path) -> None:
    listed = fake_pack.write(tmp_path / "wheels")
    (tmp_path / "wheels" / listed.wheels[1].file).unlink()
    with pytest.raises(ModelError, match=r"lacks 1 of 2 files .* nvidia_tiny_cu12"):
        devices(paths, listed).install_gpu_pack(str(tmp_path / "wheels"), quiet, go_on)
    with pytest.raises(ModelError, match="no folder"):
        devices(paths, listed).install_gpu_pack(str(tmp_path / "nowhere"), quiet, go_on)


def test_without_room_nothing_is_begun(paths: Paths, tmp_path: Path) -> None:
    listed = fake_pack.write(tmp_path / "wheels")
    with pytest.raises(ModelError, match=r"needs about 0\.0 GB of free space"):
        devices(paths, listed, free=10).install_gpu_pack(str(tmp_path / "wheels"), quiet, go_on)
    assert not paths.gpu_pack.exists()


@pytest.mark.parametrize(
    ("behaviour", "words"),
    [("import", "libcudart.so.12"), ("import-crash", "crashed the trial")],
)
def test_a_pack_that_does_not_load_is_not_installed(
    paths: Paths, tmp_path: Path, behaviour: str, words: str
) -> None:
    before = fake_pack.write(tmp_path / "good")
    devices(paths, before).install_gpu_pack(str(tmp_path / "good"), quiet, go_on)
    broken = fake_pack.write(tmp_path / "broken", behaviour, "1.27.0")
    here = devices(paths, broken)
    with pytest.raises(ModelError, match=words):
        here.install_gpu_pack(str(tmp_path / "broken"), quiet, go_on)
    assert here.gpu_pack().version == "1.26.0"  # what worked still does
    assert Trying(None, usable(paths.gpu_pack)).look().runtime.version == "1.26.0"


def test_a_pack_that_was_never_finished_is_not_used(paths: Paths, tmp_path: Path) -> None:
    listed = fake_pack.write(tmp_path / "wheels")
    made = Installation(paths.gpu_pack, listed, quiet, go_on).make(str(tmp_path / "wheels"))
    (made / gpu_pack.NOTE).unlink()  # as when it is killed before the last file
    made.rename(paths.gpu_pack)
    assert usable(paths.gpu_pack) == ""
    assert "no complete GPU pack" in devices(paths, listed).gpu_pack().problem


def test_a_pack_of_another_python_is_not_used(paths: Paths, tmp_path: Path) -> None:
    listed = fake_pack.write(tmp_path / "wheels")
    here = devices(paths, listed)
    here.install_gpu_pack(str(tmp_path / "wheels"), quiet, go_on)
    note = paths.gpu_pack / gpu_pack.NOTE
    content = json.loads(note.read_bytes())
    assert content["python"] == python_tag()
    note.write_text(json.dumps(content | {"python": "cp310"}))
    assert usable(paths.gpu_pack) == ""
    assert here.gpu_pack().problem.startswith("The GPU pack was made for another version")
    assert here.runtime().source == "installed with PhotoSearch"


def test_where_there_is_no_pack_it_says_so(paths: Paths) -> None:
    here = devices(paths, Listing("1.26.0", 525, "", ()))
    assert here.gpu_pack().supported is False
    with pytest.raises(ModelError, match="no GPU pack for this system"):
        here.install_gpu_pack(None, quiet, go_on)


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE", "checksum differs"),
        ("ERROR: Could not install: [Errno 28] No space left on device", "disk is full"),
        ("/usr/bin/python: No module named pip", "pip) is missing"),
        ("ERROR: Could not find a version\nERROR: No matching distribution", "--from DIR"),
        ("", "it ended without a word"),
    ],
)
def test_what_the_installer_says_becomes_a_sentence(said: str, words: str) -> None:
    assert words in explained(said)


def test_one_program_at_a_time_works_on_the_pack(paths: Paths, tmp_path: Path) -> None:
    listed = listing(system="linux", machine="x86_64", python="cp311")
    here = devices(paths, listed)
    with held(paths.gpu_pack):  # as another program does
        with pytest.raises(ModelError, match="perhaps by another PhotoSearch"):
            here.install_gpu_pack(str(tmp_path), quiet, go_on)
        with pytest.raises(ModelError, match="perhaps by another PhotoSearch"):
            here.remove_gpu_pack()
    here.remove_gpu_pack()
