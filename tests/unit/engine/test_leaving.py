"""The thread that waits for the program's end ends the child whatever it meets."""

from __future__ import annotations

import pytest

from .conftest import child

BROKEN = """
import sys, threading, time
class Broken:
    def receive(self):
        raise ZeroDivisionError("nobody expects this")
def waits(function, *given):
    threading.Thread(target=function, args=given, daemon=True).start()
    time.sleep(20)
    sys.exit(9)
"""


@pytest.mark.parametrize(
    ("code", "ends_with"),
    [
        ("from photosearch.engine.children import _leave_with as f; waits(f, Broken())", 0),
        (
            "from photosearch.engine.probing import _listen as f; waits(f, Broken(), None)",
            0,
        ),
        ("from photosearch.engine.converting import _leave as f; waits(f, Broken(), None)", 1),
        ("from photosearch.inference.installer import _leave_with as f; waits(f, 999)", 1),
    ],
    ids=["prepare", "probe", "convert", "pip"],
)
def test_an_error_in_it_ends_the_child(code: str, ends_with: int) -> None:
    process, wire = child(BROKEN + code)()
    try:
        assert process.wait(40) == ends_with
    finally:
        process.kill()
        wire.close()
