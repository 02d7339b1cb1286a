"""Nearest vectors to a query. Knows vectors and labels; knows no SQL, photos or models."""

from __future__ import annotations

from photosearch.index.cache import IndexCache
from photosearch.index.exact import ExactIndex
from photosearch.index.hybrid import HybridIndex, IndexState
from photosearch.index.protocol import Scores, VectorIndex

__all__ = ["ExactIndex", "HybridIndex", "IndexCache", "IndexState", "Scores", "VectorIndex"]
