"""Full-text search: what is found, and that no query is an operator or an error."""

from __future__ import annotations

import calendar
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from indexing_world import World

from photosearch.store.words import phrases

PATHS = (
    "Urlaub 2019/Málaga/IMG_20190704_101500.jpg",
    "family/MyDogRex12.jpg",
    "family/São Paulo (old).jpeg",
    "日本/東京タワー.png",
    "and/or NOT near.jpg",
)


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    world = World(tmp_path_factory.mktemp("words"))
    world.model = None
    root = world.folder("Pictures")
    world.add(root)
    for n, path in enumerate(PATHS):
        world.write(root / path, f"picture {n}")
    world.index()
    yield world
    world.close()


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("malaga", [0]),
        ("MÁLAGA", [0]),
        ("mála", [0]),
        ("urlaub malaga", [0]),
        ("malaga family", []),
        ("20190704", [0]),
        ("img_20190704", [0]),
        ("dog", [1]),
        ("rex 12", [1]),
        ("mydogrex12", [1]),
        ("sao paulo", [2]),
        ("old", [2]),
        ("日本", [3]),
        ("東京", [3]),
        ("not", [4]),
        ("near", [4]),
        ("pictures", [0, 1, 2, 3, 4]),
        ("2020", [0, 1, 2, 3, 4]),  # the pretended decoder says so
        ("january 2020", [0, 1, 2, 3, 4]),
        ("jan", [0, 1, 2, 3, 4]),
        ("", []),
        ("  ", []),
        ("***", []),
        ('"', []),
    ],
)
def test_found(library: World, query: str, expected: list[int]) -> None:
    numbers = {library.photo(f"picture {n}"): n for n in range(len(PATHS))}
    assert sorted(numbers[i] for i in library.store.words.search(query, 9).tolist()) == expected


def test_the_limit_holds(library: World) -> None:
    assert len(library.store.words.search("pictures", 2)) == 2


TRICKY = st.one_of(
    st.sampled_from("\"'*^:(){}+-,;\0\\%\ud800\u0301٣ß "),
    st.sampled_from([" AND ", " OR ", " NOT ", "NEAR(", "name:", "words", "dog"]),
)


@given(text=st.one_of(st.text(max_size=40), st.lists(TRICKY, max_size=12).map("".join)))
@settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_no_query_is_an_error(library: World, text: str) -> None:
    ids = library.store.words.search(text, 10)
    assert len(set(ids.tolist())) == len(ids) <= 5


@given(st.lists(st.from_regex(r"[a-z]{2,8}", fullmatch=True), min_size=1, max_size=4))
def test_words_are_quoted(words: list[str]) -> None:
    words = [f"q{word}" for word in words]  # none of them a small word
    quoted = [f'"{word}"' for word in words]
    assert phrases(" ".join(words)) == [*quoted[:-1], quoted[-1] + "*"]
    assert phrases(" ".join(words) + " ") == quoted


def test_small_words_are_not_asked_for_unless_nothing_else_is() -> None:
    assert phrases("a dog on the beach ") == ['"dog"', '"beach"']
    assert phrases("the ") == ['"the"']
    assert phrases("dog on") == ['"dog"']


def test_some_of_the_words_follow_where_all_are_not_found(tmp_path: Path) -> None:
    world = World(tmp_path)
    root = world.folder("Pictures")
    world.add(root)
    for name in ("dog_on_beach.jpg", "beach.jpg", "snow.jpg"):
        world.write(root / name, name)
    world.index()
    search = world.store.words.search
    both = search("a dog on a beach", 9)
    assert len(both) == 1
    assert search("a dog on a beach", 9, loose=True)[0] == both[0]
    assert len(search("a dog on a beach", 9, loose=True)) == 2
    assert len(search("dog snow", 9)) == 0
    assert len(search("dog snow", 9, loose=True)) == 2
    assert len(search("dog snow", 1, loose=True)) == 1
    world.close()


def test_words_follow_the_files(tmp_path: Path) -> None:
    world = World(tmp_path)
    root = world.folder("Pictures")
    world.add(root)
    world.write(root / "one.jpg", "same")
    second = world.write(root / "two.jpg", "same")
    world.index()
    assert len(world.store.words.search("two", 9)) == len(world.store.words.search("one", 9)) == 1
    second.unlink()
    world.index()
    assert world.store.words.search("two", 9).tolist() == []
    assert len(world.store.words.search("one", 9)) == 1
    world.close()


def test_months_are_english_in_every_locale(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calendar, "month_name", ["", "Jänner", *"?" * 11])
    monkeypatch.setattr(calendar, "month_abbr", ["", "Jän", *"?" * 11])
    world = World(tmp_path)
    world.add(world.folder("photos"))
    world.write(tmp_path / "photos" / "a.jpg", "picture")
    world.index()
    assert len(world.store.words.search("january ", 9)) == 1
    assert len(world.store.words.search("jan ", 9)) == 1
    world.close()
