"""The grammar of the command line. Every setting has a flag, made from its declaration."""

from __future__ import annotations

import argparse

from photosearch.settings.schema import declared

COMMANDS = ("index", "search", "models", "folders", "status", "settings", "doctor")
_DESCRIPTION = "Find your photos by what they show, on your own computer."
_EPILOG = (
    "Without a command the window opens; folders and photos named then are added to it. "
    "“photosearch COMMAND --help” explains a command. Photos are only ever read."
)


def build() -> argparse.ArgumentParser:
    """Return the parser of all commands."""
    common = _common()
    parser = argparse.ArgumentParser(
        "photosearch", description=_DESCRIPTION, epilog=_EPILOG, parents=[common]
    )
    parser.add_argument("--version", action="store_true", help="print the version and exit")
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
    _json(search, "print one JSON object")

    _models(command("models", "Register, choose and forget search models."), common)
    _folders(command("folders", "List, add and remove folders."), common)
    _json(command("status", "Tell how many photos there are and what is pending."))
    _settings(command("settings", "List, read and change settings."), common)
    _json(command("doctor", "Tell versions, devices and what stands in the way."))
    return parser


def build_window() -> argparse.ArgumentParser:
    """Return the parser for opening the window."""
    parser = argparse.ArgumentParser(
        "photosearch", description=_DESCRIPTION, epilog=_EPILOG, parents=[_common()]
    )
    parser.add_argument("--version", action="store_true", help="print the version and exit")
    parser.add_argument("paths", nargs="*", metavar="PATH", help="folders or photos to add")
    return parser


def flags_of(arguments: argparse.Namespace) -> dict[str, str]:
    """Return the settings given as flags, by key."""
    given = vars(arguments)
    return {s.key: given[s.key] for s in declared() if given.get(s.key) is not None}


def _common() -> argparse.ArgumentParser:
    common = argparse.ArgumentParser(add_help=False)
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
    group = common.add_argument_group("settings for this run")
    for setting in declared():
        group.add_argument(
            setting.flag,
            dest=setting.key,
            metavar="VALUE",
            choices=setting.choices or None,
            default=argparse.SUPPRESS,
            help=setting.description,
        )
    return common


def _models(parser: argparse.ArgumentParser, common: argparse.ArgumentParser) -> None:
    verbs = parser.add_subparsers(dest="verb", metavar="list|add|use|remove", required=True)
    _json(verbs.add_parser("list", help="list registered models", parents=[common]))
    add = verbs.add_parser("add", help="register a model folder", parents=[common])
    add.add_argument("folder", metavar="DIR", help="a model folder in the Immich layout")
    _json(add)
    for name, words in (("use", "search with this model"), ("remove", "forget this model")):
        verb = verbs.add_parser(name, help=words, parents=[common])
        verb.add_argument("name", metavar="NAME")
        _json(verb)


def _folders(parser: argparse.ArgumentParser, common: argparse.ArgumentParser) -> None:
    verbs = parser.add_subparsers(dest="verb", metavar="list|add|remove", required=True)
    _json(verbs.add_parser("list", help="list folders", parents=[common]))
    for name, words in (("add", "add folders"), ("remove", "forget folders; photos stay on disk")):
        verb = verbs.add_parser(name, help=words, parents=[common])
        verb.add_argument("paths", nargs="+", metavar="PATH")
        _json(verb)


def _settings(parser: argparse.ArgumentParser, common: argparse.ArgumentParser) -> None:
    verbs = parser.add_subparsers(dest="verb", metavar="list|get|set", required=True)
    _json(verbs.add_parser("list", help="list settings and where they come from", parents=[common]))
    get = verbs.add_parser("get", help="print one setting", parents=[common])
    get.add_argument("key", metavar="SECTION.NAME")
    _json(get)
    put = verbs.add_parser("set", help="change one setting", parents=[common])
    put.add_argument("key", metavar="SECTION.NAME")
    put.add_argument("value", metavar="VALUE")
    _json(put)


def _json(parser: argparse.ArgumentParser, words: str = "print one JSON object") -> None:
    parser.add_argument("--json", action="store_true", help=words)


def _number(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"“{text}” is not a number of at least 1")
    return int(text)
