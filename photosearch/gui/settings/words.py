"""Words for what settings hold: their values, where these come from, and what is missing.

A small table, because the declaration names values as files and flags write them.
"""

from __future__ import annotations

from photosearch.gui.grid import MAX_TILE_PX, MIN_TILE_PX
from photosearch.gui.language import SYSTEM
from photosearch.gui.language_names import language_name, own_name
from photosearch.gui.text import _, later
from photosearch.gui.told import told
from photosearch.settings.schema import Declared

_SYSTEM = later("Like the system")
_VALUES: dict[str, dict[str, str]] = {
    "appearance.theme": {SYSTEM: _SYSTEM, "light": later("Light"), "dark": later("Dark")},
    "indexing.speed": {
        "full": later("Full"),
        "balanced": later("Balanced"),
        "gentle": later("Gentle"),
    },
    "devices.precision": {
        "auto": later("Automatic"),
        "fp32": later("Full (fp32)"),
        "fp16": later("Half (fp16)"),
        "int8": later("Small (int8)"),
    },
    "devices.provider": {
        "auto": later("Automatic"),
        "cpu": later("Processor (CPU)"),
        "cuda": later("NVIDIA graphics card (CUDA)"),
        "directml": later("Graphics card (DirectML)"),
        "coreml": later("Apple chip (CoreML)"),
        "openvino": later("Intel (OpenVINO)"),
    },
}
_LANGUAGES = (
    "ar", "bg", "bn", "ca", "cs", "da", "de", "el", "en", "es", "et", "fa", "fi", "fr", "he", "hi",
    "hr", "hu", "id", "it", "ja", "ko", "lt", "lv", "nl", "no", "pl", "pt", "ro", "ru", "sk", "sl",
    "sr", "sv", "sw", "ta", "th", "tr", "uk", "ur", "vi", "zh",
)  # fmt: skip
_ZERO: dict[str, str] = {
    "devices.threads": later("All cores"),
    "indexing.decoders": later("As the speed says"),
    "indexing.batch": later("As measured"),
}
_EMPTY: dict[str, str] = {
    "models.folder": later("In the program’s own folder"),
    "search.model": later("None: photos are found by names only"),
    "search.coming": later("None"),
    "faces.model": later("None: faces are not looked for"),
}
_ENDS: dict[str, tuple[str, str]] = {"faces.strictness": (later("Loose"), later("Strict"))}
_MISSING: dict[str, str] = {
    "search.enabled": later(
        "While this is off, photos are found by their names, folders, dates and"
        " people, not by what they show."
    ),
    "faces.enabled": later(
        "While this is off, new photos are not looked at for faces: the people on"
        " them are missing from People and from searches by name."
    ),
    "indexing.watch": later(
        "While this is off, new and changed photos appear after you look for"
        " changes (F5) or start the program."
    ),
    "indexing.pause_on_battery": later("While this is off, indexing may empty the battery."),
}
_WRONG: dict[str, str] = {
    "search.language": later("This is no language code. Write one such as en or de."),
    "devices.provider": later(
        "There is no such device. Write auto, cpu, cuda, directml, coreml or"
        " openvino; for one of several, add its number as in cuda:1."
    ),
}
_DESCRIPTIONS: dict[str, str] = {  # where the values' own words would only repeat it
    "indexing.speed": later("How much of the computer indexing may take"),
    "appearance.language": later(
        "Language of the window; a new choice takes effect when PhotoSearch starts again"
    ),
    "appearance.theme": later("Light, dark, or the same as the rest of the desktop"),
    "search.language": later("Language you search in; for models that must be told"),
    "devices.provider": later("Automatic takes a graphics card where one works"),
    "devices.precision": later(
        "How exactly models calculate; automatic takes the fastest that finds the same photos"
    ),
    "faces.strictness": later("How alike faces must be to be one person"),
    "devices.threads": later("Processor threads for models"),
    "indexing.decoders": later("Processes that read photos at once"),
    "indexing.batch": later("Photos a model sees at once"),
    "models.folder": later("Where downloaded models are kept"),
    "search.model": later("Name of the search model in use"),
    "search.coming": later(
        "Search model that is being prepared and takes over when it is complete"
    ),
    "faces.model": later("Name of the face pack in use"),
}
_LIMITS: dict[str, tuple[float, float]] = {  # where the window shows less than files may say
    "appearance.tile_px": (MIN_TILE_PX, MAX_TILE_PX)
}
FOLDERS = frozenset({"models.folder"})  # settings that hold the path of a folder


def title(setting: Declared) -> str:
    """Return the name of a setting."""
    return told(setting.title)


def description(setting: Declared) -> str:
    """Return what a setting does, as one sentence without the technical spelling of values."""
    own = _DESCRIPTIONS.get(setting.key)
    said = _(own) if own else told(setting.description)
    return said if said.endswith(".") or not said else said + "."


def choices(setting: Declared) -> dict[str, str]:
    """Return the values to choose from and their words; empty where any may be written."""
    if setting.key == "search.language":
        named = {code: language_name(code) for code in _LANGUAGES}
        return dict(sorted(named.items(), key=lambda each: each[1]))
    if setting.key == "appearance.language":
        return {code: _(_SYSTEM) if code == SYSTEM else own_name(code) for code in setting.choices}
    known = _VALUES.get(setting.key, {})
    values = setting.choices or tuple(known)
    return {value: _(known.get(value, value)) for value in values}


def zero(setting: Declared) -> str:
    """Return what the smallest number means; empty: just itself."""
    return _(_ZERO.get(setting.key, ""))


def empty(setting: Declared) -> str:
    """Return what an empty text means."""
    return _(_EMPTY.get(setting.key, ""))


def ends(setting: Declared) -> tuple[str, str]:
    """Return what the least and the most of a range mean, where words say it better."""
    least, most = _ENDS.get(setting.key, ("", ""))
    return _(least) if least else "", _(most) if most else ""


def limits(setting: Declared) -> tuple[float, float]:
    """Return the least and the most that can be set."""
    least = -(2**31) if setting.least is None else setting.least
    most = 2**31 - 1 if setting.most is None else setting.most
    return _LIMITS.get(setting.key, (least, most))


def missing(key: str) -> str:
    """Return what is missing while a switch is off."""
    return _(_MISSING.get(key, ""))


def wrong(setting: Declared) -> str:
    """Say what is wrong with a text that has not the form it must have."""
    return _(_WRONG.get(setting.key, later("This cannot be used here.")))


def said_value(setting: Declared, value: object) -> str:
    """Return a value in words."""
    if isinstance(value, bool):
        return _("on") if value else _("off")
    if setting.kind is str:
        return choices(setting).get(str(value)) or str(value) or empty(setting) or _("empty")
    unit = f" {setting.unit}" if setting.unit else ""
    return (zero(setting) if value == setting.least else "") or f"{value}{unit}"


def source(name: str) -> str:
    """Return where a value comes from, as the badge says it."""
    return {
        "default": _("Default"),
        "file": _("Settings file"),
        "environment": _("Environment"),
        "flag": _("Command line"),
    }.get(name, name)


def source_tip(setting: Declared, name: str) -> str:
    """Say where a value comes from in a sentence."""
    return {
        "default": _("You have not changed this."),
        "file": _("You set this; it is kept in the settings file."),
        "environment": _("Set by the environment variable {name}.").format(name=setting.variable),
        "flag": _("Set by {name} on the command line.").format(name=setting.flag),
    }.get(name, "")


def locked(setting: Declared, name: str) -> str:
    """Say why a value cannot be changed here; empty where it can."""
    return {
        "environment": _(
            "The environment variable {name} decides this. Remove it and start PhotoSearch again"
            " to choose here."
        ).format(name=setting.variable),
        "flag": _(
            "PhotoSearch was started with {name}, which decides this until it is closed."
        ).format(name=setting.flag),
    }.get(name, "")
