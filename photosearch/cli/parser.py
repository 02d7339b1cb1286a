"""The grammar of the command line. Every setting has a flag, made from its declaration."""

from __future__ import annotations

import argparse
from collections.abc import Callable

from photosearch.cli import people_grammar
from photosearch.cli.arguments import as_json, number
from photosearch.cli.helping import Brief, HelpSettings, Parser
from photosearch.cli.models import VERBS as MODEL_VERBS
from photosearch.settings.schema import declared

Command = Callable[[str, str], argparse.ArgumentParser]  # (name, words) -> its parser
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

    _index(command)
    _search(command)
    people_grammar.grammar(
        command("people", "See who is on the photos; name, merge and correct people."), common
    )
    _models(command("models", "Register, choose and forget search models and face packs."), common)
    _folders(
        command("folders", "List, add and remove folders; say what is done with their photos."),
        common,
    )
    as_json(command("status", "Tell how many photos there are and what is pending."))
    _storage(command("storage", "Tell what is kept on this computer; clear caches."), common)
    _transfer(command)
    _settings(command("settings", "List, read and change settings."), common)
    devices = command("devices", "List what models can run on, and what works.")
    devices.add_argument("--try", dest="attempt", action="store_true", help="try each one anew")
    as_json(devices)
    _gpu(command("gpu", "Install or remove the runtime for NVIDIA graphics cards."), common)
    as_json(command("doctor", "Tell versions, devices and what stands in the way."))
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


def _index(command: Command) -> None:
    index = command("index", "Add folders and index everything pending; without PATH, rescan.")
    index.add_argument("paths", nargs="*", metavar="PATH", help="folders or single photos")
    as_json(index, "end with one JSON object on standard output")


def _search(command: Command) -> None:
    search = command("search", "Find photos by what they show, and by their names and dates.")
    search.add_argument(
        "text", nargs="?", default="", help="what to look for; “-” reads one query a line"
    )
    search.add_argument("--like", metavar="PHOTO", help="find photos that are like this one")
    search.add_argument("--limit", type=number, metavar="N", help="how many results")
    search.add_argument(
        "--content-only", action="store_true", help="rank by what photos show alone, not by names"
    )
    search.add_argument(
        "--scores",
        action="store_true",
        help="say before each photo how well it fits: this compares photos of one answer only, "
        "as words, names and people are measured differently",
    )
    as_json(search, "print one JSON object")


def _models(parser: argparse.ArgumentParser, common: argparse.ArgumentParser) -> None:
    names = "|".join(verb.name for verb in MODEL_VERBS)
    verbs = parser.add_subparsers(dest="verb", metavar=names, required=True)
    for each in MODEL_VERBS:
        verb = verbs.add_parser(
            each.name, help=each.words, description=each.words, parents=[common]
        )
        each.grammar(verb)
        as_json(verb)


def _folders(parser: argparse.ArgumentParser, common: argparse.ArgumentParser) -> None:
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True)
    as_json(verbs.add_parser("list", help="list folders", parents=[common]))
    for name, words in (("add", "add folders"), ("remove", "forget folders; photos stay on disk")):
        verb = verbs.add_parser(name, help=words, parents=[common])
        verb.add_argument("paths", nargs="+", metavar="PATH")
        as_json(verb)
    for name, words in (
        ("faces", "look for faces in a folder, or leave it alone"),
        ("search", "find photos of a folder by what they show, or by name and date only"),
    ):
        switch = verbs.add_parser(name, help=words, description=words, parents=[common])
        switch.add_argument("paths", nargs=1, metavar="PATH")
        switch.add_argument("state", choices=("on", "off"))
        as_json(switch)
    words = "say what is left out of a folder; without PATTERN nothing is"
    exclude = verbs.add_parser(
        "exclude", help=words, description=words, epilog=_PATTERNS, parents=[common]
    )
    exclude.add_argument("paths", nargs=1, metavar="PATH")
    exclude.add_argument("patterns", nargs="*", metavar="PATTERN", help="as in '*.png' or 'cache/'")
    as_json(exclude)


def _storage(parser: argparse.ArgumentParser, common: argparse.ArgumentParser) -> None:
    as_json(parser)
    words = "clear a cache; it is made again when it is needed"
    verbs = parser.add_subparsers(dest="verb", metavar="clear")
    clear = verbs.add_parser("clear", help=words, description=words, parents=[common])
    clear.add_argument("name", metavar="NAME", help="as listed, for instance “thumbnails”")
    as_json(clear)


def _transfer(command: Command) -> None:
    export = command("export", "Write names, verdicts, favourites and settings to a readable file.")
    export.add_argument("file", metavar="FILE", help="for instance library.json on another drive")
    export.add_argument("--force", action="store_true", help="write over an earlier export")
    as_json(export)
    bring = command(
        "import",
        "Take in what another PhotoSearch exported; what you said here stays. Photos that are "
        "not here yet get their names once they are indexed.",
    )
    bring.add_argument("file", metavar="FILE", help="what “photosearch export” wrote")
    bring.add_argument(
        "--dry-run", action="store_true", help="tell what would come; change nothing"
    )
    as_json(bring)


def _settings(parser: argparse.ArgumentParser, common: argparse.ArgumentParser) -> None:
    verbs = parser.add_subparsers(dest="verb", metavar="list|get|set|reset", required=True)
    as_json(
        verbs.add_parser("list", help="list settings and where they come from", parents=[common])
    )
    get = verbs.add_parser("get", help="print one setting", parents=[common])
    get.add_argument("key", metavar="SECTION.NAME")
    as_json(get)
    words = "take one setting out of the file: its default holds again"
    reset = verbs.add_parser("reset", help=words, description=words, parents=[common])
    reset.add_argument("key", metavar="SECTION.NAME")
    as_json(reset)
    put = verbs.add_parser("set", help="change one setting", parents=[common])
    put.add_argument("key", metavar="SECTION.NAME")
    put.add_argument("value", metavar="VALUE")
    as_json(put)


def _gpu(parser: argparse.ArgumentParser, common: argparse.ArgumentParser) -> None:
    verbs = parser.add_subparsers(dest="verb", metavar="status|install|remove", required=True)
    as_json(verbs.add_parser("status", help="tell whether it is installed", parents=[common]))
    install = verbs.add_parser(
        "install", help="fetch it by package name, about 2 GB, and use it", parents=[common]
    )
    install.add_argument(
        "--from", dest="source", metavar="DIR", help="take the files from a folder of wheels"
    )
    as_json(install)
    as_json(verbs.add_parser("remove", help="delete it", parents=[common]))
