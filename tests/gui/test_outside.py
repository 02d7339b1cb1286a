"""Names of files on their way to other programs: never a word of a shell, always the same file."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from urllib.parse import unquote_to_bytes

import pytest
from PySide6.QtCore import QObject, QUrl, Slot
from PySide6.QtGui import QDesktopServices, QGuiApplication
from pytestqt.qtbot import QtBot

from photosearch.gui.actions import Desktop, as_uri, for_explorer
from photosearch.jobs import Runner

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="such names do not exist there")

NAMES = [
    b"-rf",
    b"--help",
    b"'; touch owned; '",
    b'"$(touch owned)`touch owned`".jpg',
    b"a\nb\r\tc.jpg",
    b"100%.jpg",
    b"%2e%2e%2fetc%2fpasswd",
    b"a?b#c&d.jpg",
    b"file:%2F%2Fetc",
    b"no \xff utf-8.jpg",
    b"Gr\xc3\xbc\xc3\x9fe|<>*.jpg",
    b" space ",
]
SAFE = set(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789%/:._-~")


class Opener(QObject):
    """Takes what is opened, in the place of the system."""

    def __init__(self) -> None:
        super().__init__()
        self.urls: list[QUrl] = []

    @Slot(QUrl)
    def open(self, url: QUrl) -> None:
        self.urls.append(url)


@pytest.fixture
def opener(qapp: QGuiApplication) -> Iterator[Opener]:
    made = Opener()
    QDesktopServices.setUrlHandler("file", made, "open")
    yield made
    QDesktopServices.unsetUrlHandler("file")


@pytest.fixture
def desktop(qtbot: QtBot) -> Iterator[Desktop]:
    runner = Runner()
    yield Desktop(runner)
    assert runner.shutdown(10)


def path_of(url: bytes) -> bytes:
    assert url.startswith(b"file:///")
    return unquote_to_bytes(url.removeprefix(b"file://"))


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_one_word_that_leads_to_its_file(
    name: bytes, opener: Opener, desktop: Desktop
) -> None:
    path = b"/photos/" + name
    desktop.open([os.fsdecode(path)])
    (url,) = opener.urls
    for sent in (bytes(url.toEncoded().data()), as_uri(os.fsdecode(path)).encode()):
        assert set(sent) <= SAFE, "a shell, a list of URLs or D-Bus could misread it"
        assert path_of(sent) == path
    desktop.copy_files([os.fsdecode(path)])
    mime = QGuiApplication.clipboard().mimeData()
    assert mime is not None
    word, copied = bytes(mime.data("x-special/gnome-copied-files").data()).split(b"\n")
    assert (word, path_of(copied)) == (b"copy", path)
    assert [bytes(each.toEncoded().data()) for each in mime.urls()] == [copied]


@pytest.mark.parametrize(
    ("path", "arguments"),
    [
        (r"C:\Users\a b\x,y.jpg", r'/select,"C:\Users\a b\x,y.jpg"'),
        ("C:/photos/%PATH%&calc.jpg", r'/select,"C:\photos\%PATH%&calc.jpg"'),
        (r'C:\a" /root,C:\x', r'/select,"C:\a \root,C:\x"'),
    ],
)
def test_explorer_gets_one_quoted_word(path: str, arguments: str) -> None:
    assert for_explorer(path) == arguments


def test_no_shell_is_ever_asked() -> None:
    """Neither `os.system` nor `shell=True`, and programs are started with lists of words."""
    import photosearch

    package = os.path.dirname(photosearch.__file__)
    for place, _folders, files in os.walk(package):
        for name in files:
            if name.endswith(".py"):
                with open(os.path.join(place, name), encoding="utf-8") as file:
                    text = file.read()
                for word in (
                    "shell=True",
                    "os.system(",
                    "os.popen(",
                    "startCommand(",
                    "getoutput(",
                ):
                    assert word not in text, f"{name}: {word}"
