"""One folding of names for the store, the search and the window."""

from __future__ import annotations

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from photosearch.names import fold, plain, same, tidy


def test_names_are_the_same_without_case_but_not_without_accents() -> None:
    assert same("ANNA  smith", " Anna Smith")
    assert same("Straße", "STRASSE")
    assert same("Ａnna", "anna")
    assert not same("José", "Jose")


def test_plain_letters_find_accented_ones() -> None:
    assert plain("José Łukasz") == "jose lukasz"
    assert plain("नी") == unicodedata.normalize("NFC", "नी"), "a vowel sign is no accent"


def test_a_name_turns_no_other_text_around() -> None:
    assert tidy("An\u202ena\u2066") == "Anna"


@given(st.text(max_size=300))
def test_folding_again_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text) == fold(tidy(text))


@given(st.text("aB cZ\t\n\x7f", max_size=260))
def test_the_short_way_for_plain_letters_is_the_long_way(text: str) -> None:
    assert fold(text) == fold(text + "é").removesuffix("é").strip() or len(tidy(text)) >= 199
