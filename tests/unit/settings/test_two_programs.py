"""Two programs on one home change the same small files: no change of either is lost."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import photosearch
from photosearch.settings.held import held

ROUNDS = 25
# Each program changes what is its own and looks whether it stays until it changes it again.
SETTINGS = """
import sys
from photosearch.settings.store import SettingsStore
file, key, rounds = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
store = SettingsStore(file, environment={})
sys.stdin.readline()
for number in range(1, rounds):
    assert number == 1 or SettingsStore(file, environment={}).get(key) == number, number
    store.set(key, number + 1)
"""
CONSENT = """
import sys
from types import SimpleNamespace as Some
from photosearch.models.consent import Consent
file, key, rounds = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
sys.stdin.readline()
for number in range(rounds):
    licence = Some(name="research", research_only=True)
    Consent(file).give(Some(name=f"{key} {number}", licence=licence))
    assert Consent(file).given(Some(name=f"{key} {max(0, number - 1)}", licence=licence)), number
"""
VERDICTS = """
import sys
from photosearch.engine.verdicts import Verdicts
from photosearch.types import Device, RuntimeReport, Verdict
file, key, rounds = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
device = Device(key, "CUDAExecutionProvider", key)
runtime = RuntimeReport("1", "onnxruntime", "here")
sys.stdin.readline()
for number in range(1, rounds):
    found = Verdicts(file).find(device, runtime)
    assert number == 1 or found.nodes == number, number
    Verdicts(file).remember(device, runtime, Verdict(True, "", 1.0, number + 1, 0))
"""


@pytest.mark.parametrize(
    ("script", "keys"),
    [
        (SETTINGS, ("indexing.batch", "search.results")),
        (CONSENT, ("one", "other")),
        (VERDICTS, ("one", "other")),
    ],
    ids=["settings", "consent", "verdicts"],
)
def test_no_change_is_lost(script: str, keys: tuple[str, str], tmp_path: Path) -> None:
    there = {**os.environ, "PYTHONPATH": str(Path(photosearch.__file__).parents[1])}
    programs = [
        subprocess.Popen(
            [
                *(sys.executable, "-c", "from pathlib import Path" + script),
                *(str(tmp_path / "file"), key, str(ROUNDS)),
            ],
            stdin=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=there,
        )
        for key in keys
    ]
    for program in programs:  # both at once
        assert program.stdin is not None
        program.stdin.write(b"go\n")
        program.stdin.flush()
    for program in programs:
        with program:
            _out, err = program.communicate(timeout=60)
        assert program.returncode == 0, err.decode()


def test_one_that_does_not_end_is_named(tmp_path: Path) -> None:
    with (
        held(tmp_path / "file"),
        pytest.raises(TimeoutError, match="another PhotoSearch holds"),
        held(tmp_path / "file", wait_s=0.05),
    ):
        pass
