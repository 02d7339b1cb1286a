"""Which sections the settings have, in which order, and which settings stand in each.

Plain data: the page makes widgets of it.
"""

from __future__ import annotations

from dataclasses import dataclass

from photosearch.settings.schema import Declared, declared


@dataclass(frozen=True, slots=True)
class SectionInfo:
    """One section; `groups` are sections of the declaration whose settings stand here."""

    name: str
    title: str
    sentence: str
    drawing: str
    words: str  # what one may type to find it
    groups: tuple[str, ...] = ()


SECTIONS = (
    SectionInfo(
        "folders",
        "Folders",
        "The folders whose photos are shown and found here. Photo files are only ever read.",
        "folder",
        "folders photos add remove exclude patterns ignore skip drive offline",
    ),
    SectionInfo(
        "search",
        "Search model",
        "What lets you find photos by what they show.",
        "model",
        "search model clip siglip download language content preset",
        ("search", "models"),
    ),
    SectionInfo(
        "faces",
        "Faces",
        "What finds the faces on your photos and tells people apart.",
        "face",
        "faces people persons recognition pack",
        ("faces",),
    ),
    SectionInfo(
        "devices",
        "Devices",
        "What the models run on.",
        "device",
        "devices graphics card gpu cpu processor cuda directml coreml openvino memory runtime",
        ("devices",),
    ),
    SectionInfo(
        "indexing",
        "Indexing",
        "How and when photos are read into the library.",
        "retry",
        "indexing scanning battery power watch background tray autostart speed pause",
        ("indexing",),
    ),
    SectionInfo(
        "appearance",
        "Appearance",
        "How the window looks.",
        "appearance",
        "appearance look theme dark light colours size tiles",
        ("appearance",),
    ),
    SectionInfo(
        "privacy",
        "Privacy",
        "What is kept on this computer, where, and how much of it.",
        "lock",
        "privacy data storage disk cache clear delete network internet logs space",
    ),
)


def settings_of(section: SectionInfo) -> tuple[Declared, ...]:
    """Return the settings that stand in a section: its groups one after another."""
    every = tuple(declared())
    return tuple(
        setting
        for group in section.groups
        for setting in every
        if setting.key.partition(".")[0] == group
    )
