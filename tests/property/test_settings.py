"""Whatever is set comes back, from the file and beside whatever else the file holds."""

from __future__ import annotations

import tempfile
from pathlib import Path

import tomlkit
from hypothesis import given, settings
from hypothesis import strategies as st

from photosearch.errors import SettingsError
from photosearch.settings.schema import Declared, Settings, declared
from photosearch.settings.store import SettingsStore

DECLARED = {setting.key: setting for setting in declared()}


def usable(setting: Declared) -> st.SearchStrategy[object]:
    if setting.choices:
        return st.sampled_from(setting.choices)
    if setting.pattern:
        return st.from_regex(setting.pattern.replace(r"\d", "[0-9]"), fullmatch=True)
    if setting.kind is str:
        return st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
    if setting.kind is bool:
        return st.booleans()
    if setting.kind is float:
        return st.floats(0, 1)
    return st.integers(1, 64) if setting.key != "appearance.tile_px" else st.integers(80, 480)


ASSIGNMENT = st.sampled_from(sorted(DECLARED)).flatmap(
    lambda key: st.tuples(st.just(key), usable(DECLARED[key]))
)


@given(st.lists(ASSIGNMENT, max_size=12))
@settings(max_examples=60, deadline=None)
def test_round_trip(assignments: list[tuple[str, object]]) -> None:
    with tempfile.TemporaryDirectory() as place:
        file = Path(place) / "settings.toml"
        file.write_text("# kept\n[other]\nx = 1 # too\n", encoding="utf-8")
        store = SettingsStore(file, environment={})
        for key, value in assignments:
            store.set(key, value)
            assert store.get(key) == value
        again = SettingsStore(file, environment={})
        assert again.current == store.current
        assert again.notices == []
        last = dict(assignments)
        assert {key: again.get(key) for key in last} == last
        untouched = DECLARED.keys() - last.keys()
        assert all(again.get(key) == DECLARED[key].default for key in untouched)
        text = file.read_text("utf-8")
        assert text.startswith("# kept\n[other]\nx = 1 # too\n")


ANYTHING = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=8),
    st.just([]),
    st.just({}),
)


@given(st.sampled_from(sorted(DECLARED)), ANYTHING)
@settings(max_examples=150, deadline=None)
def test_anything_is_taken_or_refused_with_a_sentence(key: str, value: object) -> None:
    with tempfile.TemporaryDirectory() as place:
        file = Path(place) / "settings.toml"
        store = SettingsStore(file, environment={})
        try:
            store.set(key, value)
        except SettingsError as error:
            assert key in str(error)
            assert store.current == Settings()
            assert not file.exists()
            return
        assert SettingsStore(file, environment={}).current == store.current


@given(
    st.dictionaries(
        st.sampled_from(["search", "indexing", "devices", "appearance", "odd"]),
        st.one_of(
            st.integers(),
            st.dictionaries(
                st.sampled_from(["model", "batch", "threads", "theme", "results", "odd"]),
                st.one_of(st.integers(-(2**40), 2**40), st.text(max_size=5), st.booleans()),
            ),
        ),
    )
)
@settings(max_examples=100, deadline=None)
def test_any_file_gives_usable_settings(content: dict[str, object]) -> None:
    with tempfile.TemporaryDirectory() as place:
        file = Path(place) / "settings.toml"
        file.write_text(tomlkit.dumps(content), encoding="utf-8")
        store = SettingsStore(file, environment={})
        assert Settings.model_validate(store.current.model_dump()) == store.current
        store.set("indexing.batch", 5)
        assert SettingsStore(file, environment={}).get("indexing.batch") == 5
