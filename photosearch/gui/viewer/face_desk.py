"""The faces on the photo shown, and what the user says of them, by way of lanes.

An answer for a photo that is no longer shown, or older than what was said since, is dropped.
Knows the library's people, no widget.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from photosearch.gui.text import _, photos
from photosearch.gui.told import told
from photosearch.jobs import Lane, Runner
from photosearch.types import ActionId, Box, PersonFace, PersonId, PhotoId

if TYPE_CHECKING:
    from photosearch.library import Library


@dataclass(frozen=True, slots=True)
class _Answer:
    """What came back: the faces on a photo, and what was done."""

    ticket: int
    photo: PhotoId | None
    faces: tuple[PersonFace, ...]
    said: str = ""
    action: ActionId | None = None  # what takes it back


class FaceDesk(QObject):
    """Asks who is on a photo and passes on what the user says."""

    facesCame = Signal(object)  # tuple[PersonFace, ...]
    namesCame = Signal(object)  # tuple[Person, ...]
    said = Signal(str, bool)  # what was done, as a sentence; whether `take_back` can undo it
    changed = Signal()  # the user said something: other pages may show it

    def __init__(self, library: Library, runner: Runner, parent: QObject | None = None):
        super().__init__(parent)
        self._library = library
        self._runner = runner
        self._photo: PhotoId | None = None
        self._ticket = 0
        self._last: ActionId | None = None  # what was said last

    def show_photo(self, photo: PhotoId | None) -> None:
        """Ask who is on a photo; None: nothing is shown."""
        self._photo = photo
        self._ticket += 1
        if photo is not None:
            self.refresh()

    def refresh(self) -> None:
        """Ask again."""
        if self._photo is not None:
            self._ticket += 1
            self._run(Lane.INTERACTIVE, look, self._on_looked)

    def ask_names(self) -> None:
        """Ask which names there are."""
        self._runner.run(
            Lane.INTERACTIVE, known_names, self._library, on_success=self.namesCame.emit
        )

    # --- what the user says ---------------------------------------------------

    def name(self, face: PersonFace, name: str) -> None:
        """Say who a face is; a group that nobody named yet gets the name as a whole."""
        self._say(say_name, face, name)

    def draw(self, box: Box, name: str) -> None:
        """Say that there is a face that was missed, and whose."""
        self._say(say_drawn, self._photo, box, name)

    def confirm(self, face: PersonFace) -> None:
        """Say that a guess is right."""
        self._say(say_confirmed, face)

    def reject(self, face: PersonFace) -> None:
        """Say that a face is not the person it was taken for."""
        self._say(say_rejected, face)

    def dismiss(self, face: PersonFace) -> None:
        """Say that this is no face."""
        self._say(say_dismissed, face)

    def use_as_cover(self, face: PersonFace) -> None:
        """Let a face stand for its person."""
        self._say(say_cover, face)

    def undo(self) -> None:
        """Take the last thing said back."""
        self._say(undone)

    def take_back(self) -> None:
        """Take back what was said here last, if nothing else was said since."""
        if self._last is not None:
            self._say(undone, self._last)

    def redo(self) -> None:
        """Say again what was taken back last."""
        self._say(redone)

    def _say(self, verb: Callable[..., str], *args: Any) -> None:
        self._ticket += 1
        self._run(Lane.QUICK, say_and_look, self._on_said, verb, args)

    def _run(self, lane: Lane, fn: Any, on_success: Any, *args: Any) -> None:
        ticket, photo = self._ticket, self._photo
        self._runner.run(lane, fn, self._library, ticket, photo, *args, on_success=on_success)

    def _on_looked(self, answer: _Answer) -> None:
        if answer.ticket == self._ticket:
            self.facesCame.emit(answer.faces)

    def _on_said(self, answer: _Answer) -> None:
        if answer.ticket == self._ticket:
            self.facesCame.emit(answer.faces)
        elif answer.photo == self._photo:
            self.refresh()  # what was asked since may have been answered before this was said
        self._last = answer.action
        self.said.emit(answer.said, answer.action is not None)
        self.changed.emit()


# --- on the lanes ---------------------------------------------------------------


def look(library: Library, ticket: int, photo: PhotoId | None) -> _Answer:
    """Ask who is on a photo."""
    return _Answer(ticket, photo, library.people.faces_on(photo) if photo is not None else ())


def say_and_look(
    library: Library,
    ticket: int,
    photo: PhotoId | None,
    verb: Callable[..., str],
    args: tuple[Any, ...],
) -> _Answer:
    """Pass on what the user says, then ask who is on the photo now."""
    said = verb(library, *args)
    action = None if verb in (undone, redone) else library.people.last_action()
    faces = library.people.faces_on(photo) if photo is not None else ()
    return _Answer(ticket, photo, faces, said, action)


def known_names(library: Library) -> Any:
    return library.people.names()


def say_name(library: Library, face: PersonFace, name: str) -> str:
    person = library.people.name_face(face.id, name)
    if face.person is not None and not face.name:
        known = library.people.get(person)
        return _("{name}, on {photos}").format(name=known.name, photos=photos(known.photos))
    return _("This is {name}").format(name=name)


def say_drawn(library: Library, photo: PhotoId, box: Box, name: str) -> str:
    library.people.draw(photo, box, name)
    return _("Added {name}").format(name=name)


def say_confirmed(library: Library, face: PersonFace) -> str:
    library.people.confirm((face.id,), _owner(face))
    return _("This is {name}").format(name=face.name)


def say_rejected(library: Library, face: PersonFace) -> str:
    library.people.reject((face.id,), _owner(face))
    return _("This is not {name}").format(name=face.name)


def say_dismissed(library: Library, face: PersonFace) -> str:
    library.people.dismiss((face.id,))
    return _("This is not a face")


def say_cover(library: Library, face: PersonFace) -> str:
    library.people.set_cover(_owner(face), face.id)
    return _("This face stands for {name} now").format(name=face.name)


def undone(library: Library, action: ActionId | None = None) -> str:
    return _("Undone: {title}").format(title=told(library.people.undo(action)))


def redone(library: Library) -> str:
    return _("Done again: {title}").format(title=told(library.people.redo()))


def _owner(face: PersonFace) -> PersonId:
    if face.person is None:
        raise ValueError("a face that belongs to nobody")
    return face.person
