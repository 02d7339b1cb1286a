"""The grammar of `photosearch people`: its verbs and what each takes."""

from __future__ import annotations

import argparse
from collections.abc import Callable

from photosearch.cli.arguments import as_json, number, pixel

Verb = Callable[..., argparse.ArgumentParser]  # (name, words, more) -> its parser

_WHO = "number or name of a person"
_NUMBERS = (
    "The number of a face stays, and so does that of a person with a name. The number of a group "
    "without a name may change when faces are grouped anew, for instance with another "
    "strictness: list again before you use it, or name the group."
)
_PLAIN = (  # verb, arguments, words
    ("name", ("person", "name"), "name a person; a name that somebody has merges the two"),
    ("merge", ("people",), "make people one; the first one's name holds"),
    ("confirm", ("faces", "person"), "say that faces are this person"),
    ("dismiss", ("faces",), "say that these are no faces"),
    ("draw", ("photo", "box", "whose"), "add a face that was missed, by its box"),
    ("hide", ("people",), "hide people that are of no interest"),
    ("unhide", ("people",), "show people again, strangers too"),
    ("strangers", ("people",), "say that these are strangers: never asked about again"),
    ("cover", ("person", "face"), "choose the face that stands for a person"),
    ("birthday", ("person", "date"), "note a birthday: faces from before it are not suggested"),
    ("undo", ("count",), "take the last action back, also one of an earlier run"),
    ("redo", ("count",), "do again what was undone last"),
)


def grammar(parser: argparse.ArgumentParser, common: argparse.ArgumentParser) -> None:
    """Add the verbs; `common` is what every command takes."""
    parser.epilog = _NUMBERS
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True)

    def verb(name: str, words: str, more: str = "") -> argparse.ArgumentParser:
        return verbs.add_parser(
            name, help=words, description=words, epilog=more or None, parents=[common]
        )

    _lists(verb)
    for name, arguments, words in _PLAIN:
        made = verb(name, words)
        for argument in arguments:
            _argument(made, argument)
        as_json(made)
    _moves(verb)
    _groups(verb)


def _lists(verb: Verb) -> None:
    as_json(verb("list", "list people, the largest first", _NUMBERS), "print one JSON array")
    show = verb("show", "list the faces of a person")
    show.add_argument("person", metavar="WHO", help=_WHO)
    show.add_argument("--order", choices=("date", "doubt"), default="date")
    unsorted = verb("unsorted", "list faces that belong to nobody yet")
    questions = verb("questions", "list the best guesses for people that have a name")
    questions.add_argument("person", nargs="?", metavar="WHO", help=_WHO)
    for each, limit in ((unsorted, 1000), (questions, 50)):
        each.add_argument("--limit", type=number, default=limit, metavar="N")
    for each in (show, unsorted, questions):
        as_json(each, "print one JSON array")


def _moves(verb: Verb) -> None:
    reject = verb(
        "reject",
        "say that faces are not the person they are taken for, or not the one of --person",
        "“No” to a question of “people questions” is: reject FACE --person WHO.",
    )
    _argument(reject, "faces")
    reject.add_argument("--person", metavar="WHO", help=f"not this one: {_WHO}")
    as_json(reject)
    move = verb("move", "say that faces are another person")
    _argument(move, "faces")
    move.add_argument("person", metavar="WHO", help=_WHO)
    move.add_argument("--new", action="store_true", help="WHO is the name of somebody new")
    as_json(move)


def _groups(verb: Verb) -> None:
    regroup = verb("regroup", "group all faces anew; every name stays", _NUMBERS)
    regroup.add_argument(
        "--strictness",
        metavar="X",
        help="0 loose to 1 strict; it is kept, as it must hold for later photos, too",
    )
    as_json(regroup)
    evaluate = verb("evaluate", "compare groups with labels: how pure and how complete they are")
    evaluate.add_argument(
        "labels", metavar="LABELS.json", help="a list of {file, person}, paths relative to it"
    )
    as_json(evaluate)


def _argument(parser: argparse.ArgumentParser, name: str) -> None:
    if name == "people":
        parser.add_argument("people", nargs="+", metavar="WHO", help=_WHO)
    elif name == "person":
        parser.add_argument("person", metavar="WHO", help=_WHO)
    elif name == "faces":
        parser.add_argument(
            "faces", nargs="+", type=number, metavar="FACE", help="number of a face"
        )
    elif name == "face":
        parser.add_argument("face", type=number, metavar="FACE", help="number of a face")
    elif name == "photo":
        parser.add_argument("photo", metavar="PHOTO", help="path of an indexed photo")
    elif name == "box":
        for side, kind, words in (
            ("x", pixel, "left edge, in pixels of the upright photo"),
            ("y", pixel, "upper edge"),
            ("width", number, "width in pixels"),
            ("height", number, "height in pixels"),
        ):
            parser.add_argument(side, type=kind, metavar=side.upper(), help=words)
    elif name == "whose":
        parser.add_argument("name", metavar="NAME", help="whose face it is")
    elif name == "count":
        parser.add_argument(
            "count", nargs="?", type=number, metavar="N", help="how many actions, instead of one"
        )
    elif name == "name":
        parser.add_argument("name", metavar="NAME", help="empty takes the name away")
    else:
        parser.add_argument("date", metavar="DATE", help="YYYY-MM-DD, or “none”")
