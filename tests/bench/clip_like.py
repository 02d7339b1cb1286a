"""Made-up vectors that lie as those of CLIP models do.

Three things about them matter to an index. All pictures lie in one narrow cone (here a mean cosine
of 0.56 between two of them; ViT-B/32 of OpenAI is known for 0.5 to 0.6), and all words in another,
at right angles to it (a cosine of 0.2 to 0.3 between words and what they fit best). What sets
pictures apart has a falling spectrum (the n-th direction has 1/n of the first one's variance). And
there are ideas: a hundred pictures each that are alike.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from photosearch.types import Vectors

PHOTOS_AN_IDEA = 100
OWN = 0.7  # length of what is a picture's own; its idea has length 1
CONE, APART = 0.9, 0.8  # what all pictures have in common, and what not
WORDS_CONE, WORDS_IDEA = 0.85, 0.35


class LikeClip:
    """A stream of pictures' vectors, and queries about them; the same for the same arguments."""

    def __init__(self, dimension: int, count: int, seed: int = 4) -> None:
        self._random = np.random.default_rng(seed)
        axes, _ = np.linalg.qr(self._random.standard_normal((dimension, dimension)))
        self._axes = axes.astype(np.float32)
        spectrum = np.arange(1, dimension + 1, dtype=np.float32) ** -0.5
        self._spectrum = spectrum / np.linalg.norm(spectrum)
        common = unit(self._random.standard_normal((2, dimension)).astype(np.float32))
        self._cone = common[0]
        self._words_cone = unit(common[1] - self._cone * float(self._cone @ common[1]))
        self._ideas = self._drawn(max(count // PHOTOS_AN_IDEA, 3))

    def images(self, count: int) -> Vectors:
        """Return the next pictures, [count, d]."""
        chosen = self._random.integers(0, len(self._ideas), count)
        apart = unit(self._ideas[chosen] + OWN * self._drawn(count)) @ self._axes
        return unit(CONE * self._cone + APART * apart)

    def like(self, pictures: Vectors) -> Vectors:
        """Return queries that are pictures much like some: “find similar”."""
        return unit(pictures + 0.25 * unit(self._drawn(len(pictures))) @ self._axes)

    def words(self, count: int) -> Vectors:
        """Return queries that are words about an idea each."""
        chosen = self._random.integers(0, len(self._ideas), count)
        meant = unit(self._ideas[chosen]) + unit(self._drawn(count))
        return unit(WORDS_CONE * self._words_cone + WORDS_IDEA * meant @ self._axes)

    def _drawn(self, count: int) -> Vectors:
        dimension = len(self._spectrum)
        return self._random.standard_normal((count, dimension), np.float32) * self._spectrum


def unit(rows: npt.NDArray[np.float32]) -> Vectors:
    """Return rows of length one."""
    return np.asarray(rows / np.linalg.norm(rows, axis=-1, keepdims=True), np.float32)
