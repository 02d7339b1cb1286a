"""Native crashes of the window and of its children are written where the next start finds them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from photosearch import crashes
from photosearch.engine.wire import start_child

SCRIPT = (
    "import sys; from pathlib import Path; from photosearch import crashes\n"
    "crashes.watch(Path(sys.argv[1]))\n"
    "print('ready', flush=True); sys.stdin.read()\n"
)
signals = pytest.mark.skipif(sys.platform == "win32", reason="there are no signals to send")


def crash(folder: Path, how: int = signal.SIGSEGV) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", SCRIPT, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    process.stdout.readline()
    process.send_signal(how)
    process.communicate(timeout=60)
    assert process.returncode == -how, "it still ends by the signal, as the system expects"


@signals
def test_a_crash_is_found_until_it_is_forgotten(tmp_path: Path) -> None:
    logs = tmp_path / "logs"
    assert crashes.found(logs) == ()
    crash(logs)
    crash(logs, signal.SIGABRT)
    (told,) = crashes.found(logs)
    assert told.process == "window"
    assert "Segmentation fault" in told.text
    assert "Aborted" in told.text
    assert crashes.found(logs) == (told,)
    crashes.forget(logs)
    assert crashes.found(logs) == ()
    crash(logs)
    (again,) = crashes.found(logs)
    assert "Aborted" not in again.text


@signals
def test_who_is_killed_or_ends_has_not_crashed(tmp_path: Path) -> None:
    crash(tmp_path, signal.SIGKILL)
    crash(tmp_path, signal.SIGTERM)
    assert crashes.found(tmp_path) == ()
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(tmp_path)], input=b"", check=False, timeout=60
    )
    assert done.returncode == 0
    assert crashes.found(tmp_path) == ()


@signals
@pytest.mark.parametrize("flag", ["--decoder", "--engine"])
def test_children_write_their_crashes_beside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, flag: str
) -> None:
    monkeypatch.setenv(crashes.FOLDER_VARIABLE, str(tmp_path))
    process, wire = start_child(flag, gentle=False)
    with process:
        if flag == "--decoder":
            wire.receive()  # its first word
        else:
            wire.send((1, "state", ()))
            wire.receive()
        os.kill(process.pid, signal.SIGSEGV)
        process.wait(60)
        wire.close()
    (told,) = crashes.found(tmp_path)
    assert told.process == flag.removeprefix("--")
    assert "Segmentation fault" in told.text


def test_what_a_library_handled_on_windows_is_no_crash(tmp_path: Path) -> None:
    file = tmp_path / "window-crash.log"
    file.write_text("Windows fatal exception: code 0x8001010d\n\nCurrent thread 0x1 (most\n")
    assert crashes.found(tmp_path) == ()
    file.write_text("Windows fatal exception: access violation\n\n")
    assert [each.process for each in crashes.found(tmp_path)] == ["window"]


def test_the_file_stays_small(tmp_path: Path) -> None:
    file = tmp_path / "window-crash.log"
    file.write_bytes(b"Fatal Python error: Aborted\n" * 20_000)
    assert len(crashes.found(tmp_path)[0].text) == 200_000
    subprocess.run([sys.executable, "-c", SCRIPT, str(tmp_path)], input=b"", check=True, timeout=60)
    assert file.stat().st_size == 0
