"""How the library stands: the numbers behind `photosearch status`."""

from __future__ import annotations

from photosearch.engine.models import Models
from photosearch.engine.protocol import Engine
from photosearch.indexing.waiting import waiting
from photosearch.settings.store import SettingsStore
from photosearch.store import Store
from photosearch.types import LibraryStatus


class Standing:
    """Counts what is there and what waits."""

    def __init__(
        self, store: Store, engine: Engine, models: Models, settings: SettingsStore
    ) -> None:
        self._store = store
        self._engine = engine
        self._models = models
        self._settings = settings

    def pending(self) -> dict[str, int]:
        """Return how much waits, per stage; nothing waits for what is switched off."""
        settings = self._settings.current
        model = self._models.in_use() if settings.search.enabled else None
        pack = self._models.faces_in_use() if settings.faces.enabled else None
        return waiting(self._store, model, pack)

    def status(self, *, pending: bool) -> LibraryStatus:
        """Return the numbers; `pending` takes a while to count."""
        self._settings.reload()
        model, pack = self._models.in_use(), self._models.faces_in_use()
        number = self._store.faces.find_model(pack.key) if pack else None
        engine = self._engine.state()
        return LibraryStatus(
            photos=self._store.photos.count(),
            files=self._store.files.count(),
            pending=self.pending() if pending else {},
            failures=self._store.failures.count(),
            folders=self._store.folders.all(),
            model=model.name if model else None,
            device=engine.device or None,
            favourites=self._store.favourites.count(),
            extra={
                "vectors": self._store.embeddings.count(model.key) if model else 0,
                "index": engine.index,
                "face_pack": pack.name if pack else None,
                "faces": self._store.faces.count(number) if number is not None else 0,
                "people": len(self._store.persons.names()),
                "notices": [*self._settings.notices, *engine.notices],
            },
        )
