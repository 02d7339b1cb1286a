"""Whether the engine's process gets the GPU pack: not again once one died while it began."""

from __future__ import annotations

from collections.abc import Callable

_NOTICE = (
    "The GPU pack in {folder} ended the engine when it was loaded. The runtime that was installed "
    "with PhotoSearch is used instead; install the pack anew, or remove it."
)


class PackInUse:
    """The folder of the pack for each start of an engine."""

    def __init__(self, folder: Callable[[], str]) -> None:
        """`folder` returns where a usable pack is now, or nothing."""
        self._folder = folder
        self._given = ""
        self._bad = ""
        self.notice = ""

    def for_start(self) -> str:
        """Return the folder for an engine that starts now, or nothing."""
        folder = self._folder()
        self._given = "" if folder == self._bad else folder
        return self._given

    def died(self) -> None:
        """Note that an engine did not live to its first answer."""
        if self._given:
            self._bad, self._given = self._given, ""
            self.notice = _NOTICE.format(folder=self._bad)

    def changed(self) -> None:
        """Trust a pack again: there is another, or none."""
        self._bad = self.notice = ""
