"""Gather what the program says and keep the catalogues of its translations.

    python packaging/translations.py update    the template, then each language, then its .mo
    python packaging/translations.py fill DIR  the same, with words from translators' CODE.po
    python packaging/translations.py missing   what a language still lacks

A new language is a folder `resources/locale/CODE/LC_MESSAGES`, made by `update CODE`, and a choice
of the setting `appearance.language`.  Needs Babel, which the extra `test` brings.

The window marks its sentences: `_("...")`, `plural("...", "...", n)`, and `later("...")` where the
lookup comes later; three tables of it are known by their rows.  The core speaks English and marks
nothing: what it says to users is known by its form, a sentence with a capital and a full stop, and
becomes a template of the context `core`.
"""

from __future__ import annotations

import ast
import copy
import datetime
import io
import re
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from babel import Locale
from babel.messages.catalog import Catalog
from babel.messages.catalog import Message as Message_
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
SOURCE, LOCALE = ROOT / "photosearch", ROOT / "resources" / "locale"
TEMPLATE = LOCALE / "photosearch.pot"
WINDOW = "gui"
NOT_SHOWN = ("cli", "jobs", "__main__.py", "store/words.py", "inference/conversion/comparing.py")
# Here the core says words that are no sentences: titles, actions to undo, what is wrong.
ALL_SHOWN = {
    "privacy.py": r"[A-Z].*",
    "people/naming.py": r"[A-Z{].* .*|(a|another|this) [a-z]+|strangers?",
    "settings/schema.py": r"[A-Z].*[a-z:].*",
    "store/keeping/bringing.py": r"a photo [a-z ]+",
    "store/keeping/theirs.py": r"no face|somebody [a-z ]+|a stranger|hidden|shown",
    "store/keeping/damage.py": r"(it|its|the) .*",
    "engine/trying.py": r"(it|its|the) .*",
    "engine/loaded.py": r"network for .*",
    "indexing/tuning.py": r"(it|a) [a-z ]+",
    "inference/runtimes.py": r"(installed with|GPU pack in) .*",
    "media/decode.py": r"(its|a text|the texts) [a-z ,]+",
    "media/excluding.py": r"(it|two|write|patterns) .*[.]",
    "media/formats.py": r"(an?|nothing) [A-Za-z].*|which cannot .*",
    "models/offers.py": r"This computer has .*|about .*",
}
SENTENCE = re.compile(r"[A-Z“{‘].*\S \S.*[.?!…]", re.DOTALL)
SQL = re.compile(r"(SELECT|UPDATE|DELETE|CREATE|INSERT|WHERE)\b|.* = \?$", re.DOTALL)
# What marks a message, and which of the arguments are one: those of tables are looked up later.
KEYWORDS = {"_": (0,), "later": (0,), "plural": (0, 1)}
TABLES = {"Key": (1,), "Offer": (0, 1, 2), "SectionInfo": (1, 2, 4)}
LOGGERS = ("log", "_log", "logger")
LONG_AGO = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)  # the same, whenever it is made


@dataclass(frozen=True, slots=True)
class Message:
    """One message; two forms where it counts something."""

    forms: tuple[str, ...]
    context: str | None
    place: str


# --- gathering --------------------------------------------------------------------


def messages() -> list[Message]:
    """Return everything that is said, in the order of the files."""
    found: list[Message] = []
    for file in sorted(SOURCE.rglob("*.py")):
        inside = file.relative_to(SOURCE).as_posix()
        if inside.startswith(NOT_SHOWN):
            continue
        tree = ast.parse(file.read_text(encoding="utf-8"))
        own = marked(tree) if inside.startswith(WINDOW + "/") else said(tree, inside)
        found += [Message(forms, context, f"photosearch/{inside}") for forms, context in own]
    found += [
        Message((text,), "core", "resources/models.toml")
        for text in in_models((ROOT / "resources" / "models.toml").read_text(encoding="utf-8"))
    ]
    return found


def marked(tree: ast.Module) -> Iterator[tuple[tuple[str, ...], str | None]]:
    """Yield what a module of the window marks."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "id", "") or getattr(node.func, "attr", "")
        if name in KEYWORDS and (forms := texts_at(node, KEYWORDS[name])):
            yield forms, None
        for at in TABLES.get(name, ()):
            if text := texts_at(node, (at,)):
                yield text, None


def texts_at(call: ast.Call, places: tuple[int, ...]) -> tuple[str, ...]:
    """Return the texts at some places of a call's arguments; nothing where one is no text."""
    texts = [
        each.value
        for at, each in enumerate(call.args)
        if at in places and isinstance(each, ast.Constant) and isinstance(each.value, str)
    ]
    return tuple(texts) if len(texts) == len(places) and all(texts) else ()


def said(tree: ast.Module, inside: str) -> Iterator[tuple[tuple[str, ...], str | None]]:
    """Yield what a module of the core says to users."""
    form = ALL_SHOWN.get(inside)
    wanted = re.compile(f"({SENTENCE.pattern})|({form})" if form else SENTENCE.pattern, re.DOTALL)
    for text in texts_of(tree):
        plain = text.strip()
        letters = sum(sign.isalpha() for sign in re.sub(r"\{\w*\}", "", plain))
        if letters > 3 and wanted.fullmatch(plain) and not SQL.match(plain):
            yield (plain,), "core"


def texts_of(tree: ast.AST) -> Iterator[str]:
    """Yield the texts of a module: not its docstrings, what it logs, or its comparisons."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            continue
        if isinstance(node, ast.Call) and _logs(node):
            continue
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
        elif isinstance(node, ast.JoinedStr):
            yield template(node)
            for part in node.values:  # what stands in a place may be words, too
                if isinstance(part, ast.FormattedValue):
                    yield from texts_of(part)
        else:
            yield from texts_of(node)


def _logs(call: ast.Call) -> bool:
    target = call.func
    return (
        isinstance(target, ast.Attribute)
        and isinstance(target.value, ast.Name)
        and target.value.id in LOGGERS
    )


def template(text: ast.JoinedStr) -> str:
    """Return an f-string with named places: "There is no file {path}."."""
    made = ""
    used: dict[str, list[str]] = {}
    for part in text.values:
        if isinstance(part, ast.Constant):
            made += str(part.value)
        elif isinstance(part, ast.FormattedValue):
            source, sources = ast.unparse(part.value), used.setdefault(place_name(part.value), [])
            if source not in sources:
                sources.append(source)
            number = sources.index(source)
            made += f"{{{place_name(part.value)}{number + 1 if number else ''}}}"
    return made


def place_name(value: ast.expr) -> str:
    """Return a name for what stands in a place: the last name in it that says something."""
    if isinstance(value, ast.IfExp):
        return place_name(value.body)
    names = [
        each.id if isinstance(each, ast.Name) else each.attr
        for each in ast.walk(value)
        if isinstance(each, ast.Name | ast.Attribute)
    ]
    return next((name.strip("_") for name in names if name.strip("_") not in ("self", "str")), "it")


def in_models(text: str) -> Iterator[str]:
    """Yield what the list of models says in plain words."""
    listed = tomllib.loads(text)
    for preset in listed["presets"]:
        yield preset["title"]
        yield preset["sentence"]
    for model in listed["models"]:
        yield model["sentence"]
    for licence in listed["licences"].values():
        if notice := licence.get("notice"):
            yield notice


# --- catalogues -------------------------------------------------------------------


def gathered() -> Catalog:
    """Return the template as the sources make it."""
    catalog = Catalog(
        project="PhotoSearch",
        copyright_holder="The PhotoSearch developers",
        creation_date=LONG_AGO,
        revision_date=LONG_AGO,
        fuzzy=False,
    )
    catalog.header_comment = "# What PhotoSearch says; made by packaging/translations.py."
    for each in messages():
        forms = each.forms if len(each.forms) > 1 else each.forms[0]
        catalog.add(forms, locations=[(each.place, 0)], context=each.context)
    for message in catalog:
        message.flags.discard("python-format")  # places are {named}
        message.flags.discard("python-brace-format")
    return catalog


def written(catalog: Catalog) -> bytes:
    """Return a catalogue as the text of its file."""
    file = io.BytesIO()
    write_po(file, catalog, width=100, include_lineno=False, ignore_obsolete=True)
    return file.getvalue()


def languages() -> list[str]:
    """Return the codes of the languages there are catalogues for."""
    return sorted(file.parents[1].name for file in LOCALE.glob("*/LC_MESSAGES/photosearch.po"))


def catalogue_file(code: str) -> Path:
    """Return the file of a language's words."""
    return LOCALE / code / "LC_MESSAGES" / "photosearch.po"


def catalogue(code: str) -> Catalog:
    """Return the words of a language; a new one has none."""
    file = catalogue_file(code)
    if not file.exists():
        return Catalog(code, project="PhotoSearch", creation_date=LONG_AGO, revision_date=LONG_AGO)
    with file.open("rb") as stream:
        return read_po(stream, locale=code)


def updated(code: str, template_now: Catalog) -> Catalog:
    """Return a language's words with the messages that there are now, and only those."""
    catalog = catalogue(code)
    mine = copy.deepcopy(template_now)  # what is new is taken over as it is, not copied
    catalog.update(mine, no_fuzzy_matching=True, update_creation_date=False)
    catalog.header_comment = f"# What PhotoSearch says in {Locale.parse(code).english_name}."
    catalog.fuzzy = False
    return catalog


def fill(catalog: Catalog, file: Path) -> None:
    """Take the words for what a language lacks from a translator's file."""
    with file.open("rb") as stream:
        sent = {(each.context, each.id): each.string for each in read_po(stream) if each.id}
    for message in catalog:
        if not all(strings(message)) and (message.context, message.id) in sent:
            message.string = sent[message.context, message.id]


def strings(message: Message_) -> tuple[str, ...]:
    """Return the words for a message, in all forms."""
    said_ = message.string
    return tuple(said_) if isinstance(said_, tuple | list) else (said_ or "",)


def compiled(catalog: Catalog) -> bytes:
    """Return a catalogue in the form that the program reads."""
    file = io.BytesIO()
    write_mo(file, catalog)
    return file.getvalue()


def lacking(catalog: Catalog) -> list[str]:
    """Return the messages that a language has no words for, or uncertain ones."""
    return [
        str(message.id)
        for message in catalog
        if message.id and (message.fuzzy or not all(strings(message)))
    ]


def update(new: list[str], sent: Path | None = None) -> None:
    """Write the template and all catalogues anew."""
    LOCALE.mkdir(parents=True, exist_ok=True)
    now = gathered()
    TEMPLATE.write_bytes(written(now))
    for code in sorted({*languages(), *new}):
        file = catalogue_file(code)
        file.parent.mkdir(parents=True, exist_ok=True)
        catalog = updated(code, now)
        if sent is not None and (sent / f"{code}.po").exists():
            fill(catalog, sent / f"{code}.po")
        file.write_bytes(written(catalog))
        file.with_suffix(".mo").write_bytes(compiled(catalog))


def main(arguments: list[str]) -> int:
    """Do what was asked for; the exit code tells of anything missing."""
    if arguments[:1] == ["update"]:
        update(arguments[1:])
    elif arguments[:1] == ["fill"] and len(arguments) == 2:
        update([], Path(arguments[1]))
    elif arguments != ["missing"]:
        sys.stderr.write(f"{__doc__}\n")
        return 2
    missing = {code: lacking(catalogue(code)) for code in languages()}
    for code, texts in missing.items():
        sys.stdout.write("".join(f"{code}: {text}\n" for text in texts))
    return 1 if any(missing.values()) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
