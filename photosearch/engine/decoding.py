"""The decoders of a library: those of a run, and those for pictures that somebody waits for."""

from __future__ import annotations

from collections.abc import Sequence

from photosearch.engine.decoders import DecoderPool
from photosearch.engine.patient import PatientDecoder
from photosearch.media.answering import Answering
from photosearch.settings.speed import share
from photosearch.settings.store import SettingsStore
from photosearch.store import Store

VIEWING_DECODERS = 2  # the picture on screen and its neighbour
VIEWING_ANSWER_S = 3.0  # a drive that takes longer shows nothing yet


class Decoding:
    """Two pools with the limits of the settings, and decoders that ask no drive that hangs."""

    def __init__(self, store: Store, settings: SettingsStore, answering: Answering) -> None:
        self._store = store
        self._settings = settings
        timeout_s = settings.current.indexing.decode_timeout_s
        self.pool = DecoderPool(share(settings.current).decoders, timeout_s)
        self.viewers = DecoderPool(VIEWING_DECODERS, timeout_s, gentle=False)
        self.indexing = PatientDecoder(
            self.pool, answering, self._roots, silenced=self._out_of_reach
        )
        self.viewing = PatientDecoder(
            self.viewers, answering, self._roots, ask_first=VIEWING_ANSWER_S
        )

    def adjust(self) -> None:
        """Take on the limits as they are set now."""
        current = self._settings.current
        timeout_s = current.indexing.decode_timeout_s
        self.pool.adjust(share(current).decoders, timeout_s)
        self.viewers.adjust(VIEWING_DECODERS, timeout_s)

    def _roots(self) -> Sequence[bytes]:
        return [root.path for root in self._store.folders.roots()]

    def _out_of_reach(self, path: bytes) -> None:
        """What lies where there is no answer is out of reach, until the next look at it."""
        for root in self._store.folders.roots():
            if root.path == path:
                self._store.folders.set_seen(root.id, offline=True)
