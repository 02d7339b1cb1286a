"""Who is meant by a search text, and what is left of it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from photosearch.names import fold
from photosearch.search.names import Name, Names
from photosearch.search.parsing import as_text, as_words, parse, quote
from photosearch.types import Mention, PersonId, Query, Role

PEOPLE = [
    "Anna Smith",
    "Ben",
    "Zoë Brown",
    "Rose",
    "Tom Hill",
    "Tom Lee",
    "Jean-Luc O'Brien",
    "王伟",
    'Dwayne "Rock" Johnson',
    "Robert Downey Jr.",
]
HIDDEN = ["Anna Jones", "Carl"]
NAMES = Names(
    [Name(PersonId(i), name) for i, name in enumerate(PEOPLE, 1)]
    + [Name(PersonId(100 + i), name, open=False) for i, name in enumerate(HIDDEN)]
)


def understood(text: str) -> tuple[list[str], list[str], str, bool]:
    """Return who must be there, who must not, the words, and whether nobody else may be."""
    query = parse(text, NAMES)
    assert query.notices == ()
    names = {m.person: m.name for m in query.mentions}
    return (
        [names[person] for person in query.people],
        [names[person] for person in query.without],
        query.words,
        query.only,
    )


@pytest.mark.parametrize(
    ("text", "people", "words"),
    [
        ("Anna Smith", ["Anna Smith"], ""),
        ("anna on the beach", ["Anna Smith"], "on the beach"),
        ("Anna and Ben on the beach", ["Anna Smith", "Ben"], "on the beach"),
        ("Anna & Ben, Rose", ["Anna Smith", "Ben", "Rose"], ""),
        ("a dog with Ben", ["Ben"], "a dog"),
        ("Anna with a dog and Ben", ["Anna Smith", "Ben"], "a dog"),
        ("anna's dog", ["Anna Smith"], "dog"),
        ("ANNA’S DOG", ["Anna Smith"], "DOG"),
        ("photos of Ben", ["Ben"], ""),
        ("photos of dogs", [], "photos of dogs"),
        ("zoe", ["Zoë Brown"], ""),
        ("zoe\u0308 Brown", ["Zoë Brown"], ""),
        ("jean luc o’brien", ["Jean-Luc O'Brien"], ""),
        ("Jean-Luc in the rain", ["Jean-Luc O'Brien"], "in the rain"),
        ("王伟 海滩", ["王伟"], "海滩"),
        ("robert downey jr. in a car", ["Robert Downey Jr."], "in a car"),
        ("Ben?", ["Ben"], ""),
        ("(Ben)", ["Ben"], ""),
        ("Ben Ben", ["Ben"], ""),
        ("rose garden", ["Rose"], "garden"),
        ('"Rose" garden', [], "Rose garden"),
        ("„rose“ with Ben", ["Ben"], "rose"),
        ("»Rose« «Ben»", [], "Rose Ben"),
        ('5" pizza with Ben', ["Ben"], '5" pizza'),
        ("IMG_Ben.jpg", [], "IMG_Ben.jpg"),
        ("ben-hur", [], "ben-hur"),
        ("benches", [], "benches"),
        ("Brown bear", [], "Brown bear"),  # only how a name begins stands for it
        ("Carl", [], "Carl"),  # hidden
        ("person:Carl", ["Carl"], ""),
        ('person:"Anna Smith" beach', ["Anna Smith"], "beach"),
        ("person:Anna Smith beach", ["Anna Smith"], "beach"),
        ("person:Anna beach", ["Anna Smith"], "beach"),
        ("PERSON: ben beach", ["Ben"], "beach"),
        ("person:brown", ["Zoë Brown"], ""),
        ("person:bro", ["Zoë Brown"], ""),
        ("person:„Zoë Brown“", ["Zoë Brown"], ""),
        ("person:ben,rose", ["Ben", "Rose"], ""),
        (r'person:"Dwayne \"Rock\" Johnson"', ['Dwayne "Rock" Johnson'], ""),
        ("", [], ""),
    ],
)
def test_who_is_meant(text: str, people: list[str], words: str) -> None:
    assert understood(text) == (people, [], words, False)


@pytest.mark.parametrize(
    ("text", "people", "without", "words", "only"),
    [
        ("-person:Ben sea", [], ["Ben"], "sea", False),
        ("−person:„Ben“ sea", [], ["Ben"], "sea", False),
        ("Anna -person:Ben", ["Anna Smith"], ["Ben"], "", False),
        ("beach without Ben", [], ["Ben"], "beach", False),
        ("without Anna and Ben", [], ["Anna Smith", "Ben"], "", False),
        ("Rose without Ben", ["Rose"], ["Ben"], "", False),
        ("only:Anna", ["Anna Smith"], [], "", True),
        ('only:"Anna Smith" Ben beach', ["Anna Smith", "Ben"], [], "beach", True),
    ],
)
def test_who_is_not(
    text: str, people: list[str], without: list[str], words: str, only: bool
) -> None:
    assert understood(text) == (people, without, words, only)


@pytest.mark.parametrize(
    ("text", "words", "notice"),
    [
        ("tom in a car", "tom in a car", "“tom” may be “Tom Hill” or “Tom Lee”"),
        ("person:tom car", "car", "“tom” may be"),
        ("person:Bne car", "car", "nobody named “Bne”. Did you mean “Ben”?"),
        ("-person:Xaver car", "car", "nobody named “Xaver”."),
        ("only:Xaver", "", "nobody named"),
        ("car person:", "car", "Say who after “person:”"),
        ('person:""', "", "Say who"),
        ('a "red car', "a red car", "not closed"),
    ],
)
def test_a_slip_is_a_notice(text: str, words: str, notice: str) -> None:
    query = parse(text, NAMES)
    assert query.words == words
    assert query.mentions == ()
    assert len(query.notices) == 1
    assert notice in query.notices[0]


@pytest.mark.parametrize(
    ("text", "unknown"),
    [
        ("person:Xaver", ("Xaver",)),
        ("Ben person:tom in a car", ("tom",)),
        ('only:"Bne Hill" person:Xaver', ("Bne Hill", "Xaver")),
        ("-person:Xaver car", ()),
        ("Xaver in a car person:", ()),
    ],
)
def test_who_is_asked_for_and_is_nobody(text: str, unknown: tuple[str, ...]) -> None:
    assert parse(text, NAMES).unknown == unknown


def test_an_open_quote_after_person_still_means_them() -> None:
    query = parse('person:"Anna Smith', NAMES)
    assert query.people == (PersonId(1),)
    assert "not closed" in query.notices[0]


def test_the_exact_name_goes_before_one_without_accents() -> None:
    names = Names([Name(PersonId(1), "Zoe"), Name(PersonId(2), "Zoë")])
    assert parse("zoë", names).people == (PersonId(2),)
    assert parse("person:ZOE", names).people == (PersonId(1),)
    assert parse("person:zoé", names).people == ()


def test_the_longest_name_is_meant() -> None:
    names = Names([Name(PersonId(1), "Anna"), Name(PersonId(2), "Anna Maria Lee")])
    assert parse("Anna", names).people == (PersonId(1),)
    assert parse("anna maria", names).people == (PersonId(2),)
    assert parse("anna lee", names).people == (PersonId(1),)


@pytest.mark.parametrize("name", ["The Rock", "Will van Dyke", "A Bee", "J. Smith"])
def test_small_words_mean_nobody(name: str) -> None:
    names = Names([Name(PersonId(1), name)])
    assert parse("the j a van", names).mentions == ()
    assert parse(name, names).people == (PersonId(1),)


def test_where_chips_stand() -> None:
    text = "🏖 beach without Ben, Anna's dog"
    parts = [text[m.start : m.end] for m in parse(text, NAMES).mentions]
    assert parts == ["without Ben", "Anna's"]


PLAIN = ["Anna", "ben", "on", "the", "beach", "and", "with", "without", "Zoë", "Tom", "Smith", "ß"]
MARKS = [
    "person:",
    "-person:",
    "only:",
    '"',
    "„",
    "“",
    "\\",
    ",",
    "'s",
    "İ",
    "ﬁ",
    "🏖",
    "-",
    ":",
    " ",
]
WORD = st.sampled_from([*PLAIN, *MARKS])
TEXT = st.one_of(
    st.text(max_size=40), st.lists(WORD, max_size=12).map(" ".join), st.lists(WORD).map("".join)
)
PERSON = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12)
LIBRARY = st.lists(PERSON, max_size=6, unique_by=fold).map(
    lambda names: Names(
        [Name(PersonId(i), name, open=i % 3 > 0) for i, name in enumerate(names, 1)]
    )
)


def means(query: Query) -> tuple[object, ...]:
    return query.people, query.without, query.only, query.words, query.unknown


@given(TEXT, st.one_of(st.just(NAMES), LIBRARY))
def test_what_was_understood_can_be_written_out(text: str, names: Names) -> None:
    query = parse(text, names)
    again = parse(as_text(query), names)
    assert means(again) == means(query)
    assert bool(again.notices) == bool(query.unknown)
    assert as_text(again) == as_text(query)


@given(LIBRARY, st.data())
def test_whoever_there_is_can_be_asked_for(names: Names, data: st.DataObject) -> None:
    if not names.all:
        return
    asked = data.draw(st.lists(st.tuples(st.sampled_from(names.all), st.sampled_from(Role))))
    mentions = tuple(Mention(0, 0, each.person, each.name, role) for each, role in asked)
    words = " ".join(data.draw(PERSON).split())
    query = Query(words=words, mentions=mentions)
    assert means(parse(as_text(query), names)) == means(query)


@given(TEXT, st.one_of(st.just(NAMES), LIBRARY))
def test_chips_are_apart_and_can_be_turned_back(text: str, names: Names) -> None:
    query = parse(text, names)
    last = 0
    for mention in query.mentions:
        assert last <= mention.start < mention.end <= len(text)
        last = mention.end
        if not any("not closed" in notice for notice in query.notices):
            plain = parse(as_words(query, mention), names)
            assert len(plain.mentions) == len(query.mentions) - 1
    assert quote(text).startswith('"')
