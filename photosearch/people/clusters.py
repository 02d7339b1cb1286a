"""Faces into clusters, from the bottom up, by how alike the clusters' middles are.

The likeness of two clusters is the cosine of their sums: with every face a cluster's middle gets
surer, so an odd face neither draws strangers in nor keeps friends out, and no chain of single
links can form. The rules (one photo, two persons, rejections, birthdays) are asked before every
merge. Nothing depends on the order of the rows but exact ties, which go to the lower row.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from photosearch.people.edges import CLOSED, Edges, edges_between
from photosearch.people.neighbours import Pairs
from photosearch.people.rules import Rules, contains
from photosearch.types import Check, Ids, Vectors

Floats = npt.NDArray[np.float32]
Flags = npt.NDArray[np.bool_]
CHUNK: Final = 8_192
STEPS: Final = (0.7, 0.45, 0.2, 0.0)  # the surest merges first: shares of the way up to 1
AGAIN: Final = 2
TINY: Final = 1e-6


class Clusters:
    """Which rows are together so far; a cluster has the number of one of its rows."""

    def __init__(self, vectors: Vectors, rules: Rules) -> None:
        count = len(vectors)
        self._rules = rules
        self._more = 0.0  # that middles must be more alike than faces are on average
        self.label: Ids = np.arange(count)
        self.size: Ids = np.ones(count, np.int64)
        self.person: Ids = rules.person.copy()
        self._sums = vectors.copy()
        self._lengths: Floats = np.linalg.norm(vectors, axis=1).astype(np.float32)
        self._earliest: Floats = rules.days.copy()
        self._changed: Flags = np.zeros(count, np.bool_)
        self._kept_from: Ids = np.zeros(count, np.int64)  # the person they are most like but not
        self._kept_at: Floats = np.full(count, CLOSED, np.float32)  # how like them
        joined = np.flatnonzero(rules.together != self.label)
        self._unite(joined, rules.together[joined])
        self._changed[:] = False

    def middles(self, which: Ids) -> Vectors:
        """Return the unit vectors of clusters, [n, d]."""
        lengths = np.maximum(self._lengths[which], np.float32(TINY))
        return np.asarray(self._sums[which] / lengths[:, None], np.float32)

    def merge(self, pairs: Pairs, middle: float, mean: float, check: Check) -> None:
        """Merge along pairs of rows or clusters until none is left that is alike enough.

        The middles of two clusters must have the cosine `middle`, and their faces `mean` on
        average, which is the sterner measure for large clusters.
        """
        self._more = middle - mean
        edges = edges_between(pairs.one, pairs.other, pairs.likeness)
        steps = [*STEPS, *[0.0] * AGAIN]  # middles move nearer to others while they grow
        for step in steps:
            level = mean + step * (1 - max(middle, mean))
            edges = self._measured(edges.moved(self.label), check)
            high = edges.likeness >= level
            part, rest = edges.take(high), edges.take(~high)
            while bool((part.likeness >= level).any()):
                check()
                self._merge_nearest(part, level)
                rest = rest.touched(self.label, self._changed)
                part = part.touched(self.label, self._changed).moved(self.label)
                part = self._measured(part, check)
                self._changed[:] = False
            edges = rest.joined(part)

    def _measured(self, edges: Edges, check: Check) -> Edges:
        """Measure anew the edges of which an end has changed; close the forbidden ones."""
        stale = np.flatnonzero(edges.stale & (edges.likeness > CLOSED))
        likeness = edges.likeness
        for at in range(0, len(stale), CHUNK):
            check()
            part = stale[at : at + CHUNK]
            one, other = edges.one[part], edges.other[part]
            products = np.einsum("ij,ij->i", self._sums[one], self._sums[other])
            middle = products / np.maximum(self._lengths[one] * self._lengths[other], TINY)
            mean = products / (self.size[one] * self.size[other])
            likeness[part] = np.minimum(middle - self._more, mean)
        one, other = edges.one[stale], edges.other[stale]
        forbidden = self._forbidden(one, other)
        self._keep(one[forbidden], other[forbidden], likeness[stale[forbidden]])
        likeness[stale[forbidden]] = CLOSED
        likeness[self._nearer_to_forbidden(edges)] = CLOSED
        return Edges(edges.one, edges.other, likeness, np.zeros(len(edges), np.bool_))

    def _keep(self, one: Ids, other: Ids, likeness: Floats) -> None:
        """Note how like the persons they cannot be nameless clusters are."""
        mine, theirs = self.person[one], self.person[other]
        some = np.flatnonzero((mine > 0) != (theirs > 0))
        nobody = np.where(mine[some] > 0, other[some], one[some])
        persons = np.maximum(mine[some], theirs[some])
        order = np.lexsort((-persons, likeness[some]))  # the likeliest comes last and stays
        nobody, persons, likeness = nobody[order], persons[order], likeness[some][order]
        more = likeness > self._kept_at[nobody]
        self._kept_from[nobody[more]] = persons[more]
        self._kept_at[nobody[more]] = likeness[more]

    def _nearer_to_forbidden(self, edges: Edges) -> Ids:
        """Return the edges along which somebody would come who is more like a person they cannot
        be: nobody is handed to the next best. Those kept from the same person may unite."""
        kept = np.flatnonzero(self._kept_at > CLOSED)
        if not len(kept):
            return kept
        one, other = self._kept_at[edges.one], self._kept_at[edges.other]
        both = np.minimum(one, other) > CLOSED
        both &= self._kept_from[edges.one] == self._kept_from[edges.other]
        return np.flatnonzero((edges.likeness < np.maximum(one, other)) & ~both)

    def _forbidden(self, one: Ids, other: Ids) -> Flags:
        """Return which pairs of clusters two persons, a rejection or a birthday keep apart."""
        mine, theirs = self.person[one], self.person[other]
        forbidden: Flags = (mine > 0) & (theirs > 0)
        some = np.flatnonzero((mine > 0) != (theirs > 0))
        if len(some):
            person = np.maximum(mine[some], theirs[some])
            nobody = np.where(mine[some] > 0, other[some], one[some])
            rows, refused = self._rules.refusals()
            span = self._rules.span
            keys = np.unique(self.label[rows] * span + refused)
            forbidden[some] = contains(keys, nobody * span + person)
            forbidden[some] |= self._rules.before_birth(self._earliest[nobody], person)
        return forbidden

    def _merge_nearest(self, edges: Edges, level: float) -> None:
        """Merge the pairs that are each other's nearest, and those whose nearest such a pair's
        root is; close the edges that one photo forbids."""
        active = np.flatnonzero(edges.likeness >= level)
        source, target, likeness = self._proposed(
            edges.one[active], edges.other[active], edges.likeness[active]
        )
        free, closed = self._apart(source, target, likeness)
        if len(closed):
            low, high = np.minimum(source, target)[closed], np.maximum(source, target)[closed]
            keys = np.sort(low * len(self.label) + high)
            edges.likeness[contains(keys, edges.one * len(self.label) + edges.other)] = CLOSED
            self._keep(source[closed], target[closed], likeness[closed])
        self._unite(source[free], target[free])

    def _proposed(self, one: Ids, other: Ids, likeness: Floats) -> tuple[Ids, Ids, Floats]:
        """Return which clusters want to go into which, and how alike they are."""
        count = len(self.label)
        here, there = np.concatenate([one, other]), np.concatenate([other, one])
        both = np.concatenate([likeness, likeness])
        best = np.full(count, -1, np.float32)
        np.maximum.at(best, here, both)
        nearest = np.full(count, count)
        hits = np.flatnonzero(both == best[here])
        np.minimum.at(nearest, here[hits], there[hits])
        those = np.flatnonzero(nearest < count)
        mates = nearest[those]
        mutual = nearest[mates] == those
        rooted = np.zeros(count, np.bool_)
        rooted[those[mutual & self._leads(those, mates)]] = True
        # A mate that leads is no source; one that only follows waits for the next round. A person
        # comes into a nameless cluster only by itself: others might not be allowed beside it.
        goes = rooted[mates] & ~rooted[those]
        goes &= mutual | (self.person[those] == 0)
        return those[goes], mates[goes], best[those[goes]]

    def _leads(self, one: Ids, other: Ids) -> Flags:
        """Return which of `one` stand before those beside them: persons, then larger, then
        lower."""
        mine, theirs = self.person[one] > 0, self.person[other] > 0
        larger = self.size[one] > self.size[other]
        lower = (self.size[one] == self.size[other]) & (one < other)
        leads: Flags = (mine & ~theirs) | ((mine == theirs) & (larger | lower))
        return leads

    def _apart(self, source: Ids, target: Ids, likeness: Floats) -> tuple[Ids, Ids]:
        """Return which merges put nobody on one photo twice, and which can never happen."""
        count = len(self.label)
        rank = np.full(count, -1)
        rank[target] = 0
        order = np.lexsort((source, -likeness))
        rank[source[order]] = np.arange(1, len(order) + 1)
        star = np.arange(count)
        star[source] = target
        rows = np.flatnonzero(self._rules.shared & (rank[self.label] >= 0))
        cluster = self.label[rows]
        keys = star[cluster] * count + self._rules.photos[rows]
        order = np.lexsort((rank[cluster], keys))
        keys, cluster = keys[order], cluster[order]
        starts = np.flatnonzero(np.diff(keys, prepend=-1))
        first = cluster[starts][
            np.repeat(np.arange(len(starts)), np.diff(np.append(starts, len(keys))))
        ]
        later = np.zeros(count, np.bool_)
        never = np.zeros(count, np.bool_)
        clash = first != cluster
        later[cluster[clash]] = True
        never[cluster[clash & (rank[first] == 0)]] = True
        return np.flatnonzero(~later[source]), np.flatnonzero(never[source])

    def _unite(self, source: Ids, target: Ids) -> None:
        """Put clusters into others, which are not themselves put anywhere."""
        if not len(source):
            return
        to = np.arange(len(self.label))
        to[source] = target
        order = np.argsort(target, kind="stable")
        source, target = source[order], target[order]
        starts = np.flatnonzero(np.diff(target, prepend=-1))
        roots = target[starts]
        for at in range(0, len(roots), CHUNK):
            here = slice(starts[at], starts[at + CHUNK] if at + CHUNK < len(starts) else None)
            sums = np.add.reduceat(self._sums[source[here]], starts[at : at + CHUNK] - starts[at])
            self._sums[roots[at : at + CHUNK]] += sums
        self._lengths[roots] = np.linalg.norm(self._sums[roots], axis=1)
        self.size[roots] += np.add.reduceat(self.size[source], starts)
        self.size[source] = 0
        self.person[roots] = np.maximum(
            self.person[roots], np.maximum.reduceat(self.person[source], starts)
        )
        self._earliest[roots] = np.fmin(
            self._earliest[roots], np.fmin.reduceat(self._earliest[source], starts)
        )
        least = np.minimum.reduceat(self._kept_at[source], starts)
        self._kept_at[roots] = np.minimum(self._kept_at[roots], least)
        self._changed[roots] = True
        self.label = to[self.label]
