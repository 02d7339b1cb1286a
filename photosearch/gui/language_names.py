"""What languages are called: in the user's language, and each in its own.

Qt knows the names in English and their own ones only.
"""

from __future__ import annotations

from PySide6.QtCore import QLocale

from photosearch.gui.text import _, later

_NAMES: dict[str, str] = {
    "ar": later("Arabic"),
    "bg": later("Bulgarian"),
    "bn": later("Bangla"),
    "ca": later("Catalan"),
    "cs": later("Czech"),
    "da": later("Danish"),
    "de": later("German"),
    "el": later("Greek"),
    "en": later("English"),
    "es": later("Spanish"),
    "et": later("Estonian"),
    "fa": later("Persian"),
    "fi": later("Finnish"),
    "fr": later("French"),
    "he": later("Hebrew"),
    "hi": later("Hindi"),
    "hr": later("Croatian"),
    "hu": later("Hungarian"),
    "id": later("Indonesian"),
    "it": later("Italian"),
    "ja": later("Japanese"),
    "ko": later("Korean"),
    "lt": later("Lithuanian"),
    "lv": later("Latvian"),
    "nl": later("Dutch"),
    "no": later("Norwegian Bokmål"),
    "pl": later("Polish"),
    "pt": later("Portuguese"),
    "ro": later("Romanian"),
    "ru": later("Russian"),
    "sk": later("Slovak"),
    "sl": later("Slovenian"),
    "sr": later("Serbian"),
    "sv": later("Swedish"),
    "sw": later("Swahili"),
    "ta": later("Tamil"),
    "th": later("Thai"),
    "tr": later("Turkish"),
    "uk": later("Ukrainian"),
    "ur": later("Urdu"),
    "vi": later("Vietnamese"),
    "zh": later("Chinese"),
}


def language_name(code: str) -> str:
    """Return the name of a language: "German" for de; the code where nobody knows one."""
    if code in _NAMES:
        return _(_NAMES[code])
    language = QLocale(code).language()
    return code if language == QLocale.Language.C else QLocale.languageToString(language)


def own_name(code: str) -> str:
    """Return what a language calls itself, so that whoever reads it finds it: "Deutsch"."""
    locale = QLocale(code)
    if locale.language() == QLocale.Language.English:
        return "English"  # Qt would tell of which country
    name = locale.nativeLanguageName()
    return name[:1].upper() + name[1:]
