"""Searching as the user asks for it: what is meant is found out, the model made ready, asked."""

from __future__ import annotations

from dataclasses import replace

from photosearch.engine.models import Models
from photosearch.engine.protocol import Engine
from photosearch.engine.requests import Decoder
from photosearch.search.query import Sources, answer, narrowed
from photosearch.search.understanding import Understanding
from photosearch.store import Store
from photosearch.types import Completion, Query, Results, SearchRequest


class Searching:
    """Answers searches with the search model in use."""

    def __init__(self, store: Store, engine: Engine, decoder: Decoder, models: Models) -> None:
        self._store = store
        self._engine = engine
        self._decoder = decoder
        self._models = models
        self._understanding = Understanding(store)

    def search(self, request: SearchRequest) -> Results:
        """Return photos best first; what cannot be understood is a notice in the results."""
        understood = self.understand(request.text)
        asked = narrowed(request, understood)
        model, trouble = self._models.ready()
        while True:
            sources = Sources(self._store, self._engine, self._decoder, model)
            found = answer(asked, sources)
            if not found.notices:
                break
            # Perhaps the model was changed meanwhile, or is in trouble: its files are looked at.
            self._models.forget()
            before, (model, trouble) = model, self._models.ready()
            if model is None or (before is not None and before.key == model.key):
                break
        told = (*understood.notices, *((trouble,) if trouble else found.notices))
        return replace(found, notices=tuple(dict.fromkeys(told)), understood=understood)

    def understand(self, text: str) -> Query:
        """Return who is meant by a search text, and what is left of it; quick, for each key."""
        return self._understanding.query(text)

    def complete(self, text: str, cursor: int) -> tuple[Completion, ...]:
        """Return the names that the word at the cursor may become, the likeliest first."""
        return self._understanding.complete(text, cursor)
