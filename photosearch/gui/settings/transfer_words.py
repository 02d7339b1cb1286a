"""Sentences on what was exported and imported."""

from __future__ import annotations

from photosearch.gui.text import _, date_and_time, listed, photos, plural, shown
from photosearch.gui.told import told
from photosearch.types import Conflict, Exported, Imported


def export_words(done: Exported) -> str:
    """Return what is in a file, and where it lies."""
    return _("{what} are in {path}.").format(
        what=_counts(done.people, done.faces, done.favourites), path=shown(done.path)
    )


def import_words(done: Imported) -> str:
    """Return what came in, what waits, and when the file was written."""
    came = done.brought
    faces, favourites = came.faces, came.favourites
    new = any((came.people, faces, favourites, came.waiting_faces, came.waiting_favourites))
    sentences = [
        _("Imported what was said until {when}.").format(when=date_and_time(done.written))
        if done.written
        else _("Imported.")
    ]
    if new:
        sentences.append(
            _("New here: {what}.").format(
                what=_counts(
                    came.people, faces + came.waiting_faces, favourites + came.waiting_favourites
                )
            )
        )
    else:
        sentences.append(_("No name, face or favourite in it is new here."))
    if done.photos_waiting:
        sentences.append(
            _("{photos} of it are not here yet: they get their names when they are added.").format(
                photos=photos(done.photos_waiting)
            )
        )
    if done.settings:
        sentences.append(
            plural(
                "{n} setting was taken over.", "{n} settings were taken over.", len(done.settings)
            )
        )
    return " ".join(sentences)


def conflict(each: Conflict) -> str:
    """Return one thing of which something else is said here."""
    return _("{about}: here {here}, there {there}").format(
        about=_word(each.about), here=_word(each.here), there=_word(each.there)
    )


def _word(word: str) -> str:
    """Return what the core calls something; names, paths and days are nobody's to translate.

    The core's own words begin small.
    """
    if word.startswith("not "):
        return _("not {name}").format(name=_word(word[4:]))
    return told(word) if word[:1].islower() else shown(word)


def _counts(people: int, faces: int, favourites: int) -> str:
    return listed(
        [
            plural("{n} name", "{n} names", people),
            plural("{n} word on faces", "{n} words on faces", faces),
            plural("{n} favourite", "{n} favourites", favourites),
        ]
    )
