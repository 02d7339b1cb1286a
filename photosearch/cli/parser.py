"""The grammar of the command line. Every setting has a flag, made from its declaration."""

from __future__ import annotations

import argparse
from collections.abc import Callable

from photosearch.cli.helping import Brief, HelpSettings, Parser
from photosearch.cli.models import VERBS as MODEL_VERBS
from photosearch.settings.schema import declared

COMMANDS = (
    *("index", "search", "people", "models", "folders", "status", "storage", "export", "import"),
    *("settings", "devices", "gpu", "doctor"),
)
_DESCRIPTION = "Find your photos by what they show, on your own computer."
_EPILOG = (
    "Without a command the window opens; folders and photos named then are added to it. "
    "“photosearch COMMAND --help” explains a command. Photos are only ever read."
)


def build() -> argparse.ArgumentParser:
    """Return the parser of all commands."""
    common = _common()
    parser = _program(common)
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")

    def command(name: str, words: str) -> argparse.ArgumentParser:
        return commands.add_parser(name, help=words, description=words, parents=[common])

    index = command("index", "Add folders and index everything pending; without PATH, rescan.")
    index.add_argument("paths", nargs="*", metavar="PATH", help="folders or single photos")
    _json(index, "end with one JSON object on standard output")

    search = command("search", "Find photos by what they show, and by their names and dates.")
    search.add_argument(
        "text", nargs="?", default="", help="what to look for; “-” reads one query a line"
    )
    search.add_argument("--like", metavar="PHOTO", help="find photos that are like this one")
    search.add_argument("--limit", type=_number, metavar="N", help="how many results")
    search.add_argument(
        "--content-only", action="store_true", help="rank by what photos show alone, not by names"
    )
    search.add_argument(
        "--scores",
        action="store_true",
        help="say before each photo how well it fits: this compares photos of one answer only, "
        "as words, names and people are measured differently",
    )
    _json(search, "print one JSON object")

    _people(command("people", "See who is on the photos; name, merge and correct people."), common)
    _models(command("models", "Register, choose and forget search models and face packs."), common)
    _folders(
        command("folders", "List, add and remove folders; say what is done with their photos."),
        common,
    )
    _json(command("status", "Tell how many photos there are and what is pending."))
    _storage(command("storage", "Tell what is kept on this computer; clear caches."), common)
    _transfer(command)
    _settings(command("settings", "List, read and change settings."), common)
    devices = command("devices", "List what models can run on, and what works.")
    devices.add_argument("--try", dest="attempt", action="store_true", help="try each one anew")
    _json(devices)
    _gpu(command("gpu", "Install or remove the runtime for NVIDIA graphics cards."), common)
    _json(command("doctor", "Tell versions, devices and what stands in the way."))
    return parser


def as_text(arguments: list[str]) -> list[str]:
    """Return the arguments with searches like “-person:Ben” put so that they are no options."""
    return [f" {word}" if word.startswith(("-person:", "-only:")) else word for word in arguments]


def build_window() -> argparse.ArgumentParser:
    """Return the parser for opening the window."""
    parser = _program(_common())
    parser.add_argument(
        "--background",
        action="store_true",
        help="show no window, where the setting indexing.background lets it work without one",
    )
    parser.add_argument("paths", nargs="*", metavar="PATH", help="folders or photos to add")
    return parser


def _program(common: Parser) -> Parser:
    parser = Parser(
        "photosearch",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        parents=[common],
        formatter_class=Brief,
    )
    parser.add_argument("--version", action="store_true", help="print the version and exit")
    parser.add_argument(
        "--help-settings", action=HelpSettings, nargs=0, help="show this help with all settings"
    )
    return parser


def flags_of(arguments: argparse.Namespace) -> dict[str, str]:
    """Return the settings given as flags, by key."""
    given = vars(arguments)
    return {s.key: given[s.key] for s in declared() if given.get(s.key) is not None}


def _common() -> Parser:
    common = Parser(add_help=False)
    # SUPPRESS: an option given before the command is not overwritten by the command's default.
    common.add_argument(
        "--home",
        metavar="DIR",
        default=argparse.SUPPRESS,
        help="keep everything the program writes below DIR (or set PHOTOSEARCH_HOME)",
    )
    common.add_argument(
        "--verbose", action="store_true", default=argparse.SUPPRESS, help="say more about it"
    )
    group = common.add_argument_group(
        "settings for this run",
        "Every setting may be given for one run; “photosearch --help-settings” lists them.",
    )
    for setting in declared():
        group.add_argument(
            setting.flag,
            dest=setting.key,
            metavar="VALUE",
            choices=setting.choices or None,
            default=argparse.SUPPRESS,
            help=setting.description + ("; in the window only" if setting.window else ""),
        )
    return common


_PATTERNS = (
    "A pattern without a slash fits the name of a file or folder anywhere, one with a slash the "
    "way from the folder on, and one that ends with a slash folders only; * and ? stand for "
    "letters of one name, ** for any folders, and large and small letters are the same."
)
Verb = Callable[..., argparse.ArgumentParser]  # (name, words, more) -> its parser

_WHO = "number or name of a person"
_NUMBERS = (
    "The number of a face stays, and so does that of a person with a name. The number of a group "
    "without a name may change when faces are grouped anew, for instance with another "
    "strictness: list again before you use it, or name the group."
)
_PEOPLE = (  # verb, arguments, words
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


def _people(parser: argparse.ArgumentParser, common: argparse.ArgumentParser) -> None:
    parser.epilog = _NUMBERS
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True)

    def verb(name: str, words: str, more: str = "") -> argparse.ArgumentParser:
        return verbs.add_parser(
            name, help=words, description=words, epilog=more or None, parents=[common]
        )

    _people_lists(verb)
    for name, arguments, words in _PEOPLE:
        made = verb(name, words)
        for argument in arguments:
            _people_argument(made, argument)
        _json(made)
    _people_moves(verb)
    _people_groups(verb)


def _people_lists(verb: Verb) -> None:
    _json(verb("list", "list people, the largest first", _NUMBERS), "print one JSON array")
    show = verb("show", "list the faces of a person")
    show.add_argument("person", metavar="WHO", help=_WHO)
    show.add_argument("--order", choices=("date", "doubt"), default="date")
    unsorted = verb("unsorted", "list faces that belong to nobody yet")
    questions = verb("questions", "list the best guesses for people that have a name")
    questions.add_argument("person", nargs="?", metavar="WHO", help=_WHO)
    for each, limit in ((unsorted, 1000), (questions, 50)):
        each.add_argument("--limit", type=_number, default=limit, metavar="N")
    for each in (show, unsorted, questions):
        _json(each, "print one JSON array")


def _people_moves(verb: Verb) -> None:
    reject = verb(
        "reject",
        "say that faces are not the person they are taken for, or not the one of --person",
        "“No” to a question of “people questions” is: reject FACE --person WHO.",
    )
    _people_argument(reject, "faces")
    reject.add_argument("--person", metavar="WHO", help=f"not this one: {_WHO}")
    _json(reject)
    move = verb("move", "say that faces are another person")
    _people_argument(move, "faces")
    move.add_argument("person", metavar="WHO", help=_WHO)
    move.add_argument("--new", action="store_true", help="WHO is the name of somebody new")
    _json(move)


def _people_groups(verb: Verb) -> None:
    regroup = verb("regroup", "group all faces anew; every name stays", _NUMBERS)
    regroup.add_argument(
        "--strictness",
        metavar="X",
        help="0 loose to 1 strict; it is kept, as it must hold for later photos, too",
    )
    _json(regroup)
    evaluate = verb("evaluate", "compare groups with labels: how pure and how complete they are")
    evaluate.add_argument(
        "labels", metavar="LABELS.json", help="a list of {file, person}, paths relative to it"
    )
    _json(evaluate)


def _people_argument(parser: argparse.ArgumentParser, name: str) -> None:
    if name == "people":
        parser.add_argument("people", nargs="+", metavar="WHO", help=_WHO)
    elif name == "person":
        parser.add_argument("person", metavar="WHO", help=_WHO)
    elif name == "faces":
        parser.add_argument(
            "faces", nargs="+", type=_number, metavar="FACE", help="number of a face"
        )
    elif name == "face":
        parser.add_argument("face", type=_number, metavar="FACE", help="number of a face")
    elif name == "photo":
        parser.add_argument("photo", metavar="PHOTO", help="path of an indexed photo")
    elif name == "box":
        for side, kind, words in (
            ("x", _pixel, "left edge, in pixels of the upright photo"),
            ("y", _pixel, "upper edge"),
            ("width", _number, "width in pixels"),
            ("height", _number, "height in pixels"),
        ):
            parser.add_argument(side, type=kind, metavar=side.upper(), help=words)
    elif name == "whose":
        parser.add_argument("name", metavar="NAME", help="whose face it is")
    elif name == "count":
        parser.add_argument(
            "count", nargs="?", type=_number, metavar="N", help="how many actions, instead of one"
        )
    elif name == "name":
        parser.add_argument("name", metavar="NAME", help="empty takes the name away")
    else:
        parser.add_argument("date", metavar="DATE", help="YYYY-MM-DD, or “none”")


def _models(parser: argparse.ArgumentParser, common: argparse.ArgumentParser) -> None:
    names = "|".join(verb.name for verb in MODEL_VERBS)
    verbs = parser.add_subparsers(dest="verb", metavar=names, required=True)
    for each in MODEL_VERBS:
        verb = verbs.add_parser(
            each.name, help=each.words, description=each.words, parents=[common]
        )
        each.grammar(verb)
        _json(verb)


def _folders(parser: argparse.ArgumentParser, common: argparse.ArgumentParser) -> None:
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True)
    _json(verbs.add_parser("list", help="list folders", parents=[common]))
    for name, words in (("add", "add folders"), ("remove", "forget folders; photos stay on disk")):
        verb = verbs.add_parser(name, help=words, parents=[common])
        verb.add_argument("paths", nargs="+", metavar="PATH")
        _json(verb)
    for name, words in (
        ("faces", "look for faces in a folder, or leave it alone"),
        ("search", "find photos of a folder by what they show, or by name and date only"),
    ):
        switch = verbs.add_parser(name, help=words, description=words, parents=[common])
        switch.add_argument("paths", nargs=1, metavar="PATH")
        switch.add_argument("state", choices=("on", "off"))
        _json(switch)
    words = "say what is left out of a folder; without PATTERN nothing is"
    exclude = verbs.add_parser(
        "exclude", help=words, description=words, epilog=_PATTERNS, parents=[common]
    )
    exclude.add_argument("paths", nargs=1, metavar="PATH")
    exclude.add_argument("patterns", nargs="*", metavar="PATTERN", help="as in '*.png' or 'cache/'")
    _json(exclude)


def _storage(parser: argparse.ArgumentParser, common: argparse.ArgumentParser) -> None:
    _json(parser)
    words = "clear a cache; it is made again when it is needed"
    verbs = parser.add_subparsers(dest="verb", metavar="clear")
    clear = verbs.add_parser("clear", help=words, description=words, parents=[common])
    clear.add_argument("name", metavar="NAME", help="as listed, for instance “thumbnails”")
    _json(clear)


def _transfer(command: Callable[[str, str], argparse.ArgumentParser]) -> None:
    export = command("export", "Write names, verdicts, favourites and settings to a readable file.")
    export.add_argument("file", metavar="FILE", help="for instance library.json on another drive")
    export.add_argument("--force", action="store_true", help="write over an earlier export")
    _json(export)
    bring = command(
        "import",
        "Take in what another PhotoSearch exported; what you said here stays. Photos that are "
        "not here yet get their names once they are indexed.",
    )
    bring.add_argument("file", metavar="FILE", help="what “photosearch export” wrote")
    bring.add_argument(
        "--dry-run", action="store_true", help="tell what would come; change nothing"
    )
    _json(bring)


def _settings(parser: argparse.ArgumentParser, common: argparse.ArgumentParser) -> None:
    verbs = parser.add_subparsers(dest="verb", metavar="list|get|set|reset", required=True)
    _json(verbs.add_parser("list", help="list settings and where they come from", parents=[common]))
    get = verbs.add_parser("get", help="print one setting", parents=[common])
    get.add_argument("key", metavar="SECTION.NAME")
    _json(get)
    words = "take one setting out of the file: its default holds again"
    reset = verbs.add_parser("reset", help=words, description=words, parents=[common])
    reset.add_argument("key", metavar="SECTION.NAME")
    _json(reset)
    put = verbs.add_parser("set", help="change one setting", parents=[common])
    put.add_argument("key", metavar="SECTION.NAME")
    put.add_argument("value", metavar="VALUE")
    _json(put)


def _gpu(parser: argparse.ArgumentParser, common: argparse.ArgumentParser) -> None:
    verbs = parser.add_subparsers(dest="verb", metavar="status|install|remove", required=True)
    _json(verbs.add_parser("status", help="tell whether it is installed", parents=[common]))
    install = verbs.add_parser(
        "install", help="fetch it by package name, about 2 GB, and use it", parents=[common]
    )
    install.add_argument(
        "--from", dest="source", metavar="DIR", help="take the files from a folder of wheels"
    )
    _json(install)
    _json(verbs.add_parser("remove", help="delete it", parents=[common]))


def _json(parser: argparse.ArgumentParser, words: str = "print one JSON object") -> None:
    parser.add_argument("--json", action="store_true", help=words)


def _pixel(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"“{text}” is not a number of pixels")
    return int(text)


def _number(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"“{text}” is not a number of at least 1")
    return int(text)
