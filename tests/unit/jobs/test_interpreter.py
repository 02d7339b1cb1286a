"""How long other threads may have the interpreter while the window works."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest

from photosearch.jobs.interpreter import TURN_S, UNDISTURBED_S, make_short, undisturbed


@pytest.fixture(autouse=True)
def turn() -> Iterator[None]:
    before = sys.getswitchinterval()
    make_short()
    yield
    sys.setswitchinterval(before)


def test_nobody_takes_the_turn_of_who_paints_and_turns_are_short_again_after() -> None:
    with undisturbed():
        assert sys.getswitchinterval() == pytest.approx(UNDISTURBED_S)
    assert sys.getswitchinterval() == pytest.approx(TURN_S)


def test_turns_are_short_again_after_a_failure() -> None:
    with pytest.raises(ZeroDivisionError), undisturbed():
        1 / 0  # noqa: B018
    assert sys.getswitchinterval() == pytest.approx(TURN_S)
