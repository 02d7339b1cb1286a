"""The graph as the index uses it: whole vectors come in, the graph holds them reduced.

What the graph finds is a shortlist: labels in no order that counts, of which exact scores choose.
"""

from __future__ import annotations

import numpy as np

from photosearch.index import shortlist
from photosearch.index.arrays import best
from photosearch.index.exact import ExactIndex
from photosearch.index.hnsw import ADD_AT_ONCE, search_effort
from photosearch.index.pair import GraphPair
from photosearch.index.protocol import Scores
from photosearch.index.reduction import Reduction
from photosearch.index.shortlist import Examination, Fit
from photosearch.types import Ids, Vector, Vectors


class ReducedGraph:
    """A graph and the reduction its rows went through; None for whole vectors."""

    def __init__(self, graph: GraphPair, reduction: Reduction | None, fit: Fit) -> None:
        self.graph, self.reduction, self.fit = graph, reduction, fit

    def __len__(self) -> int:
        return len(self.graph)

    @property
    def removed_count(self) -> int:
        """How many labels are marked removed."""
        return self.graph.removed_count

    def labels(self) -> Ids:
        """Return all labels, ascending."""
        return self.graph.labels()

    def removed(self) -> Ids:
        """Return the labels that are marked removed, ascending."""
        return self.graph.removed()

    def add(self, labels: Ids, vectors: Vectors, at_once: int = ADD_AT_ONCE) -> None:
        """Add whole vectors; a known label keeps its own. A search waits for `at_once` of them."""
        reduction = self.reduction
        rows = vectors if reduction is None else reduction.rows(vectors)
        self.graph.add(labels, rows, at_once)

    def remove(self, labels: Ids) -> None:
        """Mark labels removed."""
        self.graph.remove(labels)

    def nearest(self, query: Vector, k: int) -> Ids | None:
        """Return labels among which the `k` nearest are, or None where too few are reached."""
        return self.graph.around(*self._walk(query, k))

    def search(self, query: Vector, k: int, exact: ExactIndex) -> tuple[Ids, Scores] | None:
        """Return the `k` nearest and their exact scores, best first.

        None where too few are reached. Rows that `exact` lacks are left out.
        """
        parts = self.graph.each_around(
            *self._walk(query, k), lambda labels: exact.search(query, k, labels)
        )
        if parts is None:
            return None
        ids, scores = (np.concatenate(both) for both in zip(*parts, strict=True))
        return best(ids, scores, k)

    def recall(self, exact: ExactIndex, examination: Examination) -> float:
        """Return the share of the best rows that answers with this graph have."""
        answers = []
        for query in examination.queries:
            answer = self.search(query, shortlist.AMONG, exact)
            if answer is None:
                return 0.0
            answers.append(answer[0])
        return shortlist.recall(examination, answers)

    def _walk(self, query: Vector, k: int) -> tuple[Vector, int, int]:
        """Return the query, how many to look for and with what effort, as the graph takes them."""
        count = shortlist.length(k, self.fit.least)
        if self.reduction is not None:
            return self.reduction.query(query), count, count
        # Its order is right: no more than the way there is longer.
        effort = search_effort(k) if self.fit.least <= shortlist.LEAST else count
        return query, k, effort
