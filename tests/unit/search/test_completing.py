"""Names while they are typed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from photosearch.search.completing import LIMIT, complete
from photosearch.search.names import Name, Names
from photosearch.search.parsing import parse
from photosearch.types import PersonId

PEOPLE = ["Anna Smith", "Ben", "Zoë Brown", "Bella", "Ann Lee", "Anna", 'Bo "B" Ray', "The Rock"]
NAMES = Names(
    [
        *(Name(PersonId(i), name) for i, name in enumerate(PEOPLE, 1)),
        Name(PersonId(50), "Berta", open=False),
    ]
)
PHOTOS = {PersonId(4): 9, PersonId(2): 3, PersonId(1): 5}


def offered(text: str) -> list[str]:
    """Return the texts that completing at `|` offers."""
    cursor = text.index("|")
    text = text.replace("|", "")
    found = complete(text, cursor, NAMES, lambda: PHOTOS)
    return [text[: each.start] + each.insert + text[each.end :] for each in found]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("be|", ["Bella", "Ben"]),
        ("b|", []),
        ("an| beach", ["Anna Smith beach", "Ann Lee beach", "Anna beach"]),
        ("a dog and zo|", ["a dog and Zoë Brown"]),
        ("anna sm| beach", ["Anna Smith beach"]),
        ("bro|", ["Zoë Brown"]),
        ("rock|", ["The Rock"]),
        ("bo|", ['person:"Bo \\"B\\" Ray"']),
        ("be|n", []),
        ("on the beach|", []),
        ('"be|', []),
        ("person:be|", ["person:Bella", "person:Ben", "person:Berta"]),
        ("-person:ben|", ["-person:Ben"]),
        ("only:ann| dog", ['only:"Anna Smith" dog', 'only:"Ann Lee" dog', "only:Anna dog"]),
        ('person:"anna s|" dog', ['person:"Anna Smith" dog']),
        ('person:"anna s|', ['person:"Anna Smith"']),
        ("person:Anna be|", ["person:Anna Bella", "person:Anna Ben"]),
        ("person:Anna |", []),
        ("person:Xaver|", []),
        ("|", []),
    ],
)
def test_what_is_offered(text: str, expected: list[str]) -> None:
    assert offered(text) == expected


def test_after_person_everybody_who_is_shown() -> None:
    assert offered("person:|")[:3] == ["person:Bella", 'person:"Anna Smith"', "person:Ben"]
    assert len(offered("person:|")) == min(LIMIT, len(PEOPLE))


def test_photos_are_counted_only_when_names_fit() -> None:
    def count() -> dict[PersonId, int]:
        raise AssertionError("nobody was to be counted")

    assert complete("beach", 5, NAMES, count) == ()


@given(st.text(max_size=20), st.integers(0, 20), st.sampled_from(["", "be", "person:", 'only:"']))
def test_whatever_is_offered_means_that_person(before: str, cut: int, typed: str) -> None:
    text = f"{before[:cut]} {typed}"
    for each in complete(text, len(text), NAMES, dict):
        query = parse(text[: each.start] + each.insert + text[each.end :], NAMES)
        assert each.person in (*query.people, *query.without)
