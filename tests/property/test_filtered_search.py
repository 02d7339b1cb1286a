"""A search among some photos finds exactly what comparing each of their rows finds."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from hypothesis import given
from hypothesis import strategies as st

from photosearch.engine.numbered import Numbered
from photosearch.index import HybridIndex
from photosearch.types import ModelKey

DIMENSION = 8
GAPS = st.sampled_from(([1], [1, 2, 7], [1, 5000], [1, 10**12]))


@st.composite
def numbered(draw: st.DrawFn) -> Numbered:
    """Labels with gaps; photos in order or not, with several rows or one, close or far apart."""
    count = draw(st.integers(0, 300))
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    labels = np.cumsum(random.integers(1, 4, count))
    photos = np.cumsum(random.choice(draw(GAPS), count)) + draw(st.integers(0, 100))
    if draw(st.booleans()):
        random.shuffle(photos)
    if count and draw(st.booleans()):
        photos = photos[random.integers(0, count, count)]
    return Numbered(np.array([labels, photos], np.int64).reshape(2, count))


def some_photos(rows: Numbered, data: st.DataObject) -> npt.NDArray[np.int64]:
    """Return photos in any order and some twice, and others that are none of these."""
    known = rows.photos.tolist() or [1]
    others = st.integers(-5, 10**13)
    asked = data.draw(st.lists(st.one_of(st.sampled_from(known), others), max_size=60))
    if data.draw(st.booleans()):
        asked += known[:: data.draw(st.integers(1, 3))]
    return np.array(asked, np.int64)


@given(rows=numbered(), data=st.data())
def test_the_rows_of_photos_are_all_of_them_and_no_others(
    rows: Numbered, data: st.DataObject
) -> None:
    photos = some_photos(rows, data)
    wanted = set(photos.tolist())
    right = [
        int(label)
        for label, photo in zip(rows.labels, rows.photos, strict=True)
        if int(photo) in wanted
    ]
    assert rows.labels_of(photos).tolist() == right


@given(rows=numbered(), data=st.data())
def test_a_filtered_search_is_exact(rows: Numbered, data: st.DataObject) -> None:
    photos = some_photos(rows, data)
    count = len(rows.labels)
    random = np.random.default_rng(len(photos))
    vectors = random.standard_normal((count, DIMENSION)).astype(np.float16).astype(np.float32)
    index = HybridIndex(DIMENSION, ModelKey("m"), None, hnsw_from=10**9)
    index.add(rows.labels, vectors)
    query = random.standard_normal(DIMENSION).astype(np.float32)
    k = data.draw(st.integers(1, 50))
    found, scores = index.search(query, k, rows.labels_of(photos))
    products = dict(zip(rows.labels.tolist(), (vectors @ query).tolist(), strict=True))
    photo_of = dict(zip(rows.labels.tolist(), rows.photos.tolist(), strict=True))
    among = [label for label in products if photo_of[label] in set(photos.tolist())]
    right = sorted((products[label] for label in among), reverse=True)[:k]
    assert set(found.tolist()) <= set(among)
    np.testing.assert_allclose(scores, right, rtol=1e-4, atol=1e-4)
    its, same = rows.photos_of(found, scores)
    assert its.tolist() == [photo_of[int(label)] for label in found]
    assert same.tolist() == scores.tolist()
