"""The language of the window: which one is chosen, how words are found, what follows it."""

from __future__ import annotations

import io
import re
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QLocale, Qt
from PySide6.QtWidgets import QApplication, QDialogButtonBox
from pytestqt.qtbot import QtBot

from photosearch.gui import app as gui_app
from photosearch.gui import language, text
from photosearch.gui.language_names import language_name, own_name
from photosearch.gui.text import _, plural
from photosearch.gui.told import told
from photosearch.library import Library
from photosearch.paths import Paths
from photosearch.settings.schema import declared
from photosearch.settings.store import SettingsStore

catalogs = pytest.importorskip("babel.messages.catalog")
mofile = pytest.importorskip("babel.messages.mofile")

Speak = Callable[[str, dict[str, str]], None]
Forms = Callable[..., QApplication]


@pytest.fixture
def taught(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, speaking: Callable[[str], None]
) -> Speak:
    """Speak a language that knows only a few sentences; those of the core begin with "core:"."""

    def teach(code: str, words: dict[str, str]) -> None:
        catalog = catalogs.Catalog(code)
        for said, translated in words.items():
            core = said.startswith("core:")
            catalog.add(said.removeprefix("core:"), translated, context="core" if core else None)
        made = io.BytesIO()
        mofile.write_mo(made, catalog)
        file = tmp_path / code / "LC_MESSAGES" / "photosearch.mo"
        file.parent.mkdir(parents=True)
        file.write_bytes(made.getvalue())
        monkeypatch.setattr(language, "folder", lambda: tmp_path)
        language.catalogue.cache_clear()
        speaking(code)

    return teach


# --- which language ---------------------------------------------------------------


class System:
    """A system that is set up for some languages."""

    def __init__(self, name: str, *read: str):
        self._locale, self._read = QLocale(name), list(read)

    def name(self) -> str:
        return self._locale.name()

    def uiLanguages(self) -> list[str]:
        return self._read

    def territory(self) -> QLocale.Country:
        return self._locale.territory()


@pytest.mark.parametrize(
    ("wanted", "system", "expected"),
    [
        ("system", System("de_AT", "de-Latn-AT", "de-AT", "de"), "its own"),
        ("system", System("it_IT", "it-IT", "it", "fr-FR", "fr"), "fr_FR"),
        ("system", System("it_IT", "it-IT", "it", "en"), "en_"),
        ("system", System("it_IT", "it-IT", "it"), "its own"),
        ("system", System("C", "C"), "its own"),
        ("system", System("de_CH", "en-US", "de-CH"), "en_CH"),
        ("de", System("de_CH", "de-CH"), "its own"),
        ("de", System("fr_CH", "fr-CH"), "de_CH"),
        ("fr", System("de_DE", "de-DE"), "fr_FR"),
        ("en", System("de_DE", "de-DE"), "en_DE"),
        ("en", System("C", "C"), "en_US"),
    ],
)
def test_the_first_language_that_is_offered_is_chosen(
    monkeypatch: pytest.MonkeyPatch, wanted: str, system: System, expected: str
) -> None:
    monkeypatch.setattr(language, "offered", lambda: ("en", "de", "fr"))
    found = language.locale_for(wanted, system)  # type: ignore[arg-type]
    if expected == "its own":
        assert found is system, "dates and numbers stay as the system is set up"
    else:
        assert found.name().startswith(expected)


def test_the_setting_has_the_languages_that_are_offered() -> None:
    choices = next(each.choices for each in declared() if each.key == "appearance.language")
    assert sorted(choices) == sorted((language.SYSTEM, *language.offered()))


def test_english_has_no_catalogue_and_says_what_stands_in_the_source(
    speaking: Callable[[str], None],
) -> None:
    speaking("en")
    assert _("Add folder…") == "Add folder…"
    assert plural("{n} photo", "{n} photos", 2) == "2 photos"
    assert told("There is no file x.") == "There is no file x."
    assert QApplication.layoutDirection() == Qt.LayoutDirection.LeftToRight


def test_words_follow_the_language(taught: Speak) -> None:
    taught("de", {"Add folder…": "Ordner hinzufügen …"})
    assert _("Add folder…") == "Ordner hinzufügen …"
    assert _("Not known") == "Not known"
    assert _("") == "", "not the head of the catalogue"
    assert text.number(1234567) == "1.234.567"
    assert text.listed(["Anna", "Ben"]) == "Anna und Ben"


def test_a_catalogue_that_cannot_be_read_leaves_english(
    taught: Speak, tmp_path: Path, qapp: QApplication
) -> None:
    taught("de", {"Quit": "Beenden"})
    (tmp_path / "fr" / "LC_MESSAGES").mkdir(parents=True)
    (tmp_path / "fr" / "LC_MESSAGES" / "photosearch.mo").write_bytes(b"no catalogue")
    language.speak(qapp, "fr")
    assert _("Quit") == "Quit"


@pytest.mark.parametrize(
    ("code", "direction"),
    [("he", Qt.LayoutDirection.RightToLeft), ("de", Qt.LayoutDirection.LeftToRight)],
)
def test_the_window_runs_as_its_language_is_read(
    taught: Speak, code: str, direction: Qt.LayoutDirection
) -> None:
    taught(code, {"Quit": "End"})
    assert QApplication.layoutDirection() == direction


def test_the_direction_is_that_of_the_words(speaking: Callable[[str], None]) -> None:
    """Somebody whose system is Arabic reads English here, from left to right."""
    QLocale.setDefault(QLocale("ar_EG"))
    assert isinstance(language.words(), language.Catalogue) is False
    speaking("ar")
    assert QApplication.layoutDirection() == Qt.LayoutDirection.LeftToRight


@pytest.mark.parametrize(("code", "cancel"), [("de", "Abbrechen"), ("fr", "Annuler")])
def test_the_buttons_of_qt_speak_it_too(taught: Speak, code: str, cancel: str) -> None:
    taught(code, {"Quit": "End"})
    box = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
    assert box.button(QDialogButtonBox.StandardButton.Cancel).text() == cancel


def test_another_language_takes_the_place_of_the_first(taught: Speak, qapp: QApplication) -> None:
    taught("de", {"Quit": "Beenden"})
    language.speak(qapp, "en")
    assert _("Quit") == "Quit"
    box = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
    assert box.button(QDialogButtonBox.StandardButton.Cancel).text() == "Cancel"


def test_languages_are_named(taught: Speak) -> None:
    taught("de", {"French": "Französisch"})
    assert language_name("fr") == "Französisch"
    assert language_name("xx") == "xx"
    assert (own_name("de"), own_name("fr"), own_name("en")) == ("Deutsch", "Français", "English")


# --- what the core says -----------------------------------------------------------

CORE = {
    "core:There is no file {path}.": "Es gibt keine Datei {path}.",
    "core:{path} cannot be read: {error}.": "{path} ist unlesbar: {error}.",
    "core:The disk is full.": "Der Datenträger ist voll.",
    "core:{has} and does {does} with it.": "{has} und schafft damit {does}.",
    "core:the {} {} is missing": "{} {} fehlt",
    "core:{error} It is built again.": "{error} Er wird neu gebaut.",
    "core:Move {faces} to {name}": "{faces} zu {name} verschieben",
    "core:{faces} faces": "{faces} Gesichter",
    "core:{side} by {side} pixels": "{side} mal {side} Pixel",
    "core:Photos": "Fotos",
    "{n} left": "noch {n}",
}


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("The disk is full.", "Der Datenträger ist voll."),
        ("There is no file /a/b.zip.", "Es gibt keine Datei /a/b.zip."),
        ("/a cannot be read: The disk is full..", "/a ist unlesbar: Der Datenträger ist voll.."),
        ("Odd. There is no file x. Odd.", "Odd. Es gibt keine Datei x. Odd."),
        ("The disk is full. Call somebody.", "Der Datenträger ist voll. Call somebody."),
        ("Odd. The disk is full.", "Odd. Der Datenträger ist voll."),
        ("the table photo is missing", "table photo fehlt"),
        ("The disk is full. It is built again.", "Der Datenträger ist voll. Er wird neu gebaut."),
        ("Move 3 faces to {n} left", "3 Gesichter zu {n} left verschieben"),
        ("There is no file a\nb.", "Es gibt keine Datei a\nb."),
        ("Move 3 faces to Photos", "3 Gesichter zu Photos verschieben"),
        ("Something new happened.", "Something new happened."),
        ("The disk is full. Odd. It is built again.",
         "Der Datenträger ist voll. Odd. Er wird neu gebaut."),
        ("a. B/x cannot be read: odd. Odd.", "a. B/x ist unlesbar: odd. Odd."),
        ("the it is missing", "the it is missing"),
        ("1 by 1 pixels", "1 mal 1 Pixel"),
        ("1 by 2 pixels", "1 by 2 pixels"),
        ("5 left", "5 left"),
        ("", ""),
    ],
)  # fmt: skip
def test_what_the_core_says_is_recognised(taught: Speak, said: str, expected: str) -> None:
    taught("de", CORE)
    assert told(said) == expected


def test_a_measure_has_the_decimal_sign_of_the_language(taught: Speak) -> None:
    does = "core:about {rounded} photos a second"
    program = "core:The program {version} is too old."
    taught("de", {does: "rund {rounded} Fotos pro Sekunde", program: "{version} ist zu alt."})
    assert told("about 8.4 photos a second") == "rund 8,4 Fotos pro Sekunde"
    assert told("The program 8.4 is too old.") == "8.4 ist zu alt."


@pytest.mark.parametrize(
    ("said", "ends"),
    [
        (" ".join(f"Line {n} is odd." for n in range(40)), "Line 39 is odd."),
        (" ".join(f"Line {n} is odd." for n in range(19)) + " There is no face x.",
         "Line 18 is odd. Es gibt kein Gesicht x."),
        ("x leaves  of  steps of the " * 70 + " to the processor: it may be slow.!", "slow.!"),
        ("x is not whole: " + " y" * 900 + " missing", " y missing"),
        ("network for " * 150 + "x", " network for x"),
        ("network for " * 200_000, "network for "),
    ],
)  # fmt: skip
def test_whatever_a_decoder_or_a_runtime_says_is_shown_at_once(
    speaking: Callable[[str], None], said: str, ends: str
) -> None:
    speaking("de")
    told("There is no face x.")  # the templates are read once
    began = time.perf_counter()
    assert told(said).endswith(ends)
    assert time.perf_counter() - began < 0.5


def test_a_long_text_is_shown_as_it_was_said(taught: Speak) -> None:
    long = "The disk is full. " * 10 + "x" * 2000
    many = " ".join(["The disk is full."] * 21)
    taught("de", {**CORE, "core:" + "y" * 2001: "known"})
    assert told(long) == long
    assert told(many) == many
    assert told(" ".join(["The disk is full."] * 20)) == " ".join(
        ["Der Datenträger ist voll."] * 20
    )
    assert told("y" * 2001) == "known"


def test_the_template_that_says_most_is_taken(taught: Speak) -> None:
    taught(
        "de",
        {
            "core:{path} cannot be used: {why}.": "Allgemein: {path}, {why}.",
            "core:The library {path} cannot be used: {why}.": "Bibliothek: {path}, {why}.",
        },
    )
    assert told("The library /l cannot be used: no.") == "Bibliothek: /l, no."
    assert told("/m cannot be used: no.") == "Allgemein: /m, no."


@pytest.mark.parametrize("code", ["de", "fr"])
def test_every_sentence_of_the_core_is_recognised_with_what_stands_in_it(
    speaking: Callable[[str], None], code: str
) -> None:
    """No other template takes it for its own."""
    speaking(code)
    known = language.words()
    assert isinstance(known, language.Catalogue)
    templates = known.templates()
    assert len(templates) > 200
    wrong = []
    for template in templates:
        filled, expected = (
            re.sub(r"\{(\w*)\}", lambda place: f"x{place[1].lower()}x", text)
            for text in (template, known.gettext(language.CORE + template))
        )
        if told(filled) != expected:
            wrong.append((filled, told(filled), expected))
    assert wrong == []


# --- the start --------------------------------------------------------------------


@pytest.mark.qt_log_ignore("does not support propagateSizeHints")
def test_the_setting_decides_what_the_window_speaks(
    speaking: Callable[[str], None], qapp: QApplication, home: Path, qtbot: QtBot
) -> None:
    speaking("en")  # what the splash speaks, until the settings are read
    chosen = {"PHOTOSEARCH_APPEARANCE_LANGUAGE": "fr"}

    def factory() -> Library:
        paths = Paths.below(home)
        settings = SettingsStore(paths.settings_file, environment=chosen)
        return Library(paths, settings, own_engine=False)

    start = gui_app.Start(qapp, factory, [])
    try:
        qtbot.waitUntil(lambda: start.window is not None, timeout=60_000)
        assert start.window is not None
        assert start.window.sidebar.tree.topLevelItem(0).text(0) == "Photos"
        assert start.window.sidebar.tree.topLevelItem(1).text(0) == "Favoris"
        start.window.close()
    finally:
        gui_app.end(start)
        start.deleteLater()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        qapp.setStyleSheet("")
