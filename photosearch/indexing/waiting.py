"""How much waits for each stage: the database is the queue."""

from __future__ import annotations

from photosearch.store import Store
from photosearch.types import FacePackInfo, ModelInfo


def waiting(store: Store, model: ModelInfo | None, pack: FacePackInfo | None) -> dict[str, int]:
    """Return how many files or photos wait, per stage; nothing waits for a model that is None."""
    found = {"look": store.files.pending_count(), "embed": 0, "faces": 0}
    # No model has the number 0: everything waits for a new one.
    if model is not None:
        number = store.embeddings.find_model(model.key) or 0
        found["embed"] = store.embeddings.pending_count(number)
    if pack is not None:
        found["faces"] = store.faces.pending_count(store.faces.find_model(pack.key) or 0)
    return found
