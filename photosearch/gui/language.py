"""Which language the window speaks, and its catalogue of words.

The language is Qt's default locale, which is set once at the start: words follow the same one as
numbers, dates and lists do, and nothing else has to be remembered.  English stands in the source;
each other language is a folder in `resources/locale`.
"""

from __future__ import annotations

import gettext
import logging
from functools import lru_cache
from pathlib import Path

from PySide6.QtCore import QLibraryInfo, QLocale, Qt, QTranslator
from PySide6.QtWidgets import QApplication

from photosearch.gui import resources

log = logging.getLogger(__name__)

DOMAIN = "photosearch"
SYSTEM = "system"
SOURCE = "en"
CORE = "core\x04"  # the context of what the program says below the window, as catalogues write it


class Catalogue(gettext.GNUTranslations):
    """The words of one language, which also says what the core's sentences are like."""

    _catalog: dict[str | tuple[str, int], str]

    def templates(self) -> tuple[str, ...]:
        """Return the core's sentences that have places for names and numbers."""
        known = [key for key in self._catalog if isinstance(key, str) and key.startswith(CORE)]
        return tuple(key[len(CORE) :] for key in known if "{" in key)


def folder() -> Path:
    """Return where the catalogues lie."""
    return resources.folder() / "locale"


def offered() -> tuple[str, ...]:
    """Return the codes of the languages that the window can speak."""
    found = folder().glob(f"*/LC_MESSAGES/{DOMAIN}.mo")
    return (SOURCE, *sorted(file.parents[1].name for file in found))


def words() -> gettext.NullTranslations:
    """Return the catalogue of the language in use; for English, one that changes nothing."""
    return catalogue(QLocale().name())


@lru_cache(maxsize=8)
def catalogue(name: str) -> gettext.NullTranslations:
    """Return the catalogue for a locale such as de_AT, read once."""
    if name.partition("_")[0] in (SOURCE, "C"):
        return gettext.NullTranslations()
    try:
        return gettext.translation(DOMAIN, folder(), [name], class_=Catalogue, fallback=True)
    except (OSError, UnicodeError, ValueError) as error:
        log.warning("the catalogue of %s cannot be read: %s", name, error)
        return gettext.NullTranslations()


def locale_for(wanted: str, system: QLocale) -> QLocale:
    """Return the locale for the setting: of the languages that the user reads, the first offered.

    Where the system speaks that language its own locale stays, with all that was chosen in it.
    """
    read = system.uiLanguages() if wanted == SYSTEM else [wanted]
    codes = (tag.replace("_", "-").partition("-")[0] for tag in read)
    code = next((code for code in codes if code in offered()), None)
    if code is None or system.name().partition("_")[0] == code:
        return system
    return QLocale(QLocale.codeToLanguage(code), system.territory())


def speak(app: QApplication, wanted: str = SYSTEM) -> None:
    """Have the program speak a language from now on: before the window's parts are made."""
    QLocale.setDefault(locale_for(wanted, QLocale.system()))
    for old in app.findChildren(QTranslator):
        app.removeTranslator(old)
        old.deleteLater()
    known = isinstance(words(), Catalogue)
    if known:
        _translate_qt(app)
    app.setLayoutDirection(QLocale().textDirection() if known else Qt.LayoutDirection.LeftToRight)


def _translate_qt(app: QApplication) -> None:
    """Qt's own words, such as those on the buttons of its dialogs."""
    translator = QTranslator(app)
    where = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
    if translator.load(QLocale(), "qtbase", "_", where):
        app.installTranslator(translator)
    else:
        log.info("Qt has no words of its own for %s in %s", QLocale().name(), where)
