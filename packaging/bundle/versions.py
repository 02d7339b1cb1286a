"""The version, as Windows wants it inside a program."""

from __future__ import annotations

import re


def numbers(version: str) -> tuple[int, int, int, int]:
    """Return four numbers for a version such as 1.2.3 or 1.2.0rc1."""
    found = [int(part) for part in re.findall(r"\d+", version)[:3]]
    one, two, three = (*found, 0, 0, 0)[:3]
    return one, two, three, 0


def windows_resource(version: str, name: str) -> str:
    """Return the text from which PyInstaller makes the version resource of the program `name`."""
    said = {
        "CompanyName": "The PhotoSearch developers",
        "FileDescription": "PhotoSearch",
        "FileVersion": version,
        "InternalName": name,
        "LegalCopyright": "MIT licence",
        "OriginalFilename": f"{name}.exe",
        "ProductName": "PhotoSearch",
        "ProductVersion": version,
    }
    strings = ", ".join(f"StringStruct({name!r}, {text!r})" for name, text in said.items())
    four = numbers(version)
    return (
        f"VSVersionInfo(ffi=FixedFileInfo(filevers={four}, prodvers={four}, mask=0x3F, flags=0,"
        " OS=0x40004, fileType=1, subtype=0, date=(0, 0)),"
        f" kids=[StringFileInfo([StringTable('040904B0', [{strings}])]),"
        " VarFileInfo([VarStruct('Translation', [0x0409, 1200])])])\n"
    )
