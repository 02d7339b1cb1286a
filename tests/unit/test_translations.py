"""The catalogues: they hold what the program says, in whole, with its places, and are compiled."""

from __future__ import annotations

import ast
import gettext
import importlib.util
import io
import re
import string
import sys
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any, get_args

import pytest

from photosearch.settings.schema import AppearanceSettings

pytest.importorskip("babel")

REPOSITORY = Path(__file__).resolve().parents[2]
WINDOW = REPOSITORY / "photosearch" / "gui"
LANGUAGES = ("de", "fr")


@cache
def tool() -> ModuleType:
    """Return packaging/translations.py as a module."""
    spec = importlib.util.spec_from_file_location(
        "translations", REPOSITORY / "packaging" / "translations.py"
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["translations"] = module
    spec.loader.exec_module(module)
    return module


@cache
def gathered() -> Any:
    return tool().gathered()


@cache
def catalogue(code: str) -> Any:
    return tool().catalogue(code)


def forms(message: Any) -> list[tuple[str, str]]:
    """Return each form of a message with the translated form that stands for it."""
    if isinstance(message.id, str):
        return [(message.id, message.string)]
    return list(zip(message.id, message.string, strict=True))


def places(text: str) -> list[str]:
    return sorted(re.findall(r"\{\w*\}|%[sd]", text))


def spaces(text: str) -> tuple[bool, bool]:
    """Whether it begins and ends with a blank, to be put together with others."""
    return text[:1].isspace(), text[-1:].isspace()


def test_the_template_is_what_the_sources_say() -> None:
    with tool().TEMPLATE.open("rb") as stream:
        there = {(each.context, each.id) for each in tool().read_po(stream)}
    now = {(each.context, each.id) for each in gathered()}
    assert there == now, "run python packaging/translations.py update"


def test_something_of_every_kind_is_gathered() -> None:
    """The rules by which messages are found do find them."""
    found = {(each.context, each.forms): each.place for each in tool().messages()}
    assert found[None, ("Add folder…",)].startswith("photosearch/gui/")
    assert found[None, ("{n} photo", "{n} photos")] == "photosearch/gui/text.py"
    assert found[None, ("Loose",)] == "photosearch/gui/settings/words.py"
    assert found[None, ("Show or hide the sidebar",)] == "photosearch/gui/shortcuts.py"
    assert found["core", ("There is no folder or photo at {path}.",)] == (
        "photosearch/indexing/adding.py"
    )
    assert found["core", ("Watch folders",)] == "photosearch/settings/schema.py"
    assert found["core", ("The free pair: small, and for any use.",)] == "resources/models.toml"
    assert not [text for _context, text in found if "SELECT" in text[0] or " = ?" in text[0]]


def test_the_setting_offers_the_languages_there_are() -> None:
    choices = get_args(AppearanceSettings.model_fields["language"].annotation)
    assert set(choices) == {"system", "en", *tool().languages()}
    assert set(LANGUAGES) <= set(tool().languages())


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_catalogue_has_the_messages_of_the_template_and_no_others(code: str) -> None:
    wanted = {(each.context, each.id) for each in gathered()}
    there = {(each.context, each.id) for each in catalogue(code)}
    assert there == wanted
    assert not catalogue(code).obsolete


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_catalogue_is_complete(code: str) -> None:
    assert tool().lacking(catalogue(code)) == []


@pytest.mark.parametrize("code", LANGUAGES)
def test_places_marks_and_ends_agree(code: str) -> None:
    wrong = []
    for message in catalogue(code):
        if not message.id:
            continue
        for said, translated in forms(message):
            both = (said, translated)
            named = [places(text) for text in both]
            if isinstance(message.id, tuple):  # "one photo" may leave the number out
                named = [[place for place in found if place != "{n}"] for found in named]
            fits = named[0] == named[1]
            if message.context == "core":  # English words such as "is" may stand in a place
                fits = set(named[1]) <= set(named[0])
            same = (
                fits
                and said.count("&") == translated.count("&")
                and said.count("\n") == translated.count("\n")
                and said.endswith("…") == translated.endswith("…")
                and said.endswith((".", "!")) == translated.endswith((".", "!"))
                and spaces(said) == spaces(translated)
            )
            if not same:
                wrong.append(both)
    assert wrong == []


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_translation_can_be_filled_in(code: str) -> None:
    for message in catalogue(code):
        for _said, translated in forms(message) if message.id else ():
            for _text, name, _form, _conversion in string.Formatter().parse(translated):
                assert name is None or re.fullmatch(r"\w*", name), translated


@pytest.mark.parametrize(("code", "rule"), [("de", "(n != 1)"), ("fr", "(n > 1)")])
def test_plural_forms_are_those_of_the_language(code: str, rule: str) -> None:
    assert catalogue(code).num_plurals == 2
    assert catalogue(code).plural_expr == rule
    counted = [each for each in catalogue(code) if isinstance(each.id, tuple)]
    assert len(counted) > 20
    assert all(len(each.string) == 2 for each in counted)


def test_french_has_its_blanks_before_double_marks() -> None:
    """A colon may not begin a line: a no-break space stands before it."""
    bare = re.compile(r"[^\s\u00a0\u202f.…][?!;](\s|$)|[\w»)}]:(\s|$)| [:;?!»]|« |«[^\u00a0]")
    wrong = [
        translated
        for message in catalogue("fr")
        for _said, translated in (forms(message) if message.id else ())
        if bare.search(translated.replace("--", ""))
    ]
    assert wrong == []


@pytest.mark.parametrize("code", LANGUAGES)
def test_what_is_compiled_is_what_is_written(code: str) -> None:
    compiled = tool().catalogue_file(code).with_suffix(".mo").read_bytes()
    assert words_in(compiled) == words_in(tool().compiled(catalogue(code))), (
        "run python packaging/translations.py update"
    )


def words_in(compiled: bytes) -> dict[Any, str]:
    """Return what a compiled catalogue holds, but for its head, which names the tool."""
    known = gettext.GNUTranslations(io.BytesIO(compiled))._catalog  # type: ignore[attr-defined]
    assert len(known) > 1
    return {key: said for key, said in known.items() if key}


# --- nothing is said past the catalogues ------------------------------------------

SHOWING = {
    *("setText", "setToolTip", "setWindowTitle", "setTitle", "addAction", "setAccessibleName"),
    *("setAccessibleDescription", "setPlaceholderText", "setStatusTip", "setWhatsThis", "addItem"),
    *("setInformativeText", "addButton", "addMenu", "setSuffix", "setPrefix", "setLabelText"),
    *("QLabel", "QPushButton", "QToolButton", "QCheckBox", "QRadioButton", "QAction", "QGroupBox"),
    *("QMenu", "IconButton", "addRow", "addTab", "setSpecialValueText", "setHeaderLabels"),
    *("getExistingDirectory", "getOpenFileName", "getSaveFileName", "label", "say", "begin"),
    *("showMessage", "insertItem", "QFileDialog"),
}
NAMES = {"PhotoSearch", "huggingface.co"}  # the same in every language


def unmarked(tree: ast.Module) -> list[str]:
    """Return the words that are shown without having passed through `_` or its like."""
    found = []
    for call in ast.walk(tree):
        if not isinstance(call, ast.Call):
            continue
        name = called(call)
        if name not in SHOWING:
            continue
        texts = list(call.args)
        while texts:
            text = texts.pop()
            if isinstance(text, ast.IfExp):
                texts += [text.body, text.orelse]
            elif isinstance(text, ast.BinOp):
                texts += [text.left, text.right]
            elif isinstance(text, ast.JoinedStr):
                texts += text.values
            elif isinstance(text, ast.Constant) and isinstance(text.value, str):
                said = text.value
                if re.search(r"[A-Za-z]{2}", said) and said not in NAMES and not is_key(said):
                    found.append(f"{call.lineno}: {name}({said!r})")
    return found


def is_key(text: str) -> bool:
    """Whether it is for the program: the name of a drawing, of a role, of a widget, or markup."""
    return bool(re.fullmatch(r"[a-z]+([-_A-Z][a-z]*)*|<.*", text))


def modules() -> dict[str, ast.Module]:
    """Return the modules of the window, by their path."""
    return {
        file.relative_to(WINDOW).as_posix(): ast.parse(file.read_text(encoding="utf-8"))
        for file in WINDOW.rglob("*.py")
    }


def test_the_window_says_nothing_past_the_catalogues() -> None:
    found = {name: unmarked(tree) for name, tree in modules().items()}
    assert len(found) > 100
    assert {name: said for name, said in found.items() if said} == {}


def test_words_that_are_not_marked_are_found() -> None:
    said = 'box.setText("Gone")\nQLabel(f"{n} photos left", self)\nrow.setToolTip(_("Marked"))'
    assert len(unmarked(ast.parse(said))) == 2


def test_nothing_is_looked_up_before_a_language_is_chosen() -> None:
    """What a module does when it is imported, and defaults of functions, come too early."""
    found = {name: looked_up_early(tree) for name, tree in modules().items()}
    assert {name: calls for name, calls in found.items() if calls} == {}
    assert len(looked_up_early(ast.parse('A = _("A")\ndef f(a=_("B")):\n    _("C")'))) == 2


def looked_up_early(tree: ast.Module) -> list[str]:
    early: list[ast.AST] = [tree]
    calls = []
    while early:
        node = early.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            defaults = (*node.args.defaults, *filter(None, node.args.kw_defaults))
            early += [*node.decorator_list, *defaults]
            continue
        if isinstance(node, ast.Lambda):
            continue
        if isinstance(node, ast.Call) and called(node) in ("_", "plural", "told"):
            calls.append(f"{node.lineno}: {ast.unparse(node)}")
        early += ast.iter_child_nodes(node)
    return calls


def called(call: ast.Call) -> str:
    return getattr(call.func, "id", "") or getattr(call.func, "attr", "")


def test_a_sentence_is_filled_in_after_it_was_looked_up() -> None:
    """`_(f"...")` and `_("..." + x)` would never be found in a catalogue."""
    found = {
        name: [ast.unparse(call) for call in ast.walk(tree) if made_up(call)]
        for name, tree in modules().items()
    }
    assert {name: calls for name, calls in found.items() if calls} == {}


def made_up(node: ast.AST) -> bool:
    if not isinstance(node, ast.Call) or called(node) not in ("_", "plural", "later"):
        return False
    texts = node.args[: 2 if called(node) == "plural" else 1]
    return any(isinstance(text, ast.JoinedStr | ast.BinOp) for text in texts)


def spoken(code: str) -> gettext.NullTranslations:
    return gettext.translation("photosearch", tool().LOCALE, [code])


def test_counted_sentences_are_whole() -> None:
    german, french = spoken("de"), spoken("fr")
    grouped = (
        "{assigned} of {faces} faces belong to {n} person.",
        "{assigned} of {faces} faces belong to {n} people.",
    )
    assert german.ngettext(*grouped, 3) == (
        "{assigned} von {faces} Gesichtern gehören zu {n} Personen."
    )
    more = "And so for {n} more."
    assert french.ngettext(more, more, 1) == "De même pour {n} autre."
    selected = "{n} face selected", "{n} faces selected"
    assert french.ngettext(*selected, 2) == "{n} visages sélectionnés"


@pytest.mark.parametrize("code", LANGUAGES)
def test_to_stop_is_not_to_pause(code: str) -> None:
    say = spoken(code).gettext
    assert say("Stop") != say("Pause")
    assert say("Stopped.").rstrip(".") != say("Paused")
