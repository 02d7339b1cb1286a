"""Spoiled files before a real decoder for some seconds; `tests.bench.fuzzing` does it for long."""

from __future__ import annotations

import itertools
from pathlib import Path

from fuzzed import Looking, cases, sound_files

from photosearch.engine.requests import LookReply, LookRequest, PictureReply, PictureRequest

SECONDS = 5.0
SEED = 5


def test_spoiled_files_are_opened_or_refused(photos: Path, tmp_path: Path) -> None:
    seeds = sound_files(photos)
    first, again = (list(itertools.islice(cases(seeds, SEED), 50)) for _ in range(2))
    assert first == again, "a finding can be made once more"
    place, keep = tmp_path / "place", tmp_path / "findings"
    place.mkdir()
    looking = Looking(place, keep)
    try:
        out = looking.run(cases(seeds, SEED), SECONDS)
    finally:
        looking.close()
    assert out.findings == []
    assert out.cases > 20
    assert 0 < out.opened < out.cases


class Dying:
    """A pool whose decoders die of what they are shown."""

    _idle = ()

    def look(self, request: LookRequest) -> LookReply:
        return LookReply(failure="It crashed the decoder (exit code -11).")

    def picture(self, request: PictureRequest) -> PictureReply:
        return PictureReply(failure="It could not be read (KeyError: 3).")

    def close(self) -> None:
        """There is nothing to end."""


def test_what_a_decoder_should_not_do_is_kept(photos: Path, tmp_path: Path) -> None:
    """The file that did it can be opened again."""
    each = next(cases(sound_files(photos), SEED))
    looking = Looking(tmp_path, tmp_path / "findings", Dying())  # type: ignore[arg-type]
    looking.look(each)
    looking.close()
    assert [found.what for found in looking.outcome.findings] == [
        "It crashed the decoder (exit code -11).",
        "It could not be read (KeyError: 3).",
    ]
    assert looking.outcome.findings[0].kept.read_bytes() == each.data
