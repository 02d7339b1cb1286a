"""Every error the program expects, by what the caller does about it.

A message says what happened, to which thing, and what to do.  Anything that is
not a `PhotoSearchError` is a bug.
"""

from __future__ import annotations


class PhotoSearchError(Exception):
    """Base of all expected errors; `str(error)` is a sentence for the user."""


class MediaError(PhotoSearchError):
    """A file cannot be used: it is recorded with the reason and the run goes on."""


class ModelError(PhotoSearchError):
    """A model cannot be used: ask the user, offer another."""


class StoreError(PhotoSearchError):
    """The library cannot be read or written: stop writing and explain."""


class DamagedError(StoreError):
    """The library file is damaged: nothing more is written to it, the next start mends it."""


class SettingsError(PhotoSearchError):
    """A setting is not usable: its default holds and the user is told."""


class UsageError(PhotoSearchError):
    """What the user asked for cannot be done as asked (a folder that does not exist)."""


class EngineError(PhotoSearchError):
    """The engine process died or broke; the work it held can be repeated."""


class RestingError(EngineError):
    """The engine died too often and is left alone for a while: no photo's and no model's fault."""


class Cancelled(PhotoSearchError):  # noqa: N818  (not an error: the user's wish)
    """The user stopped the work; never shown."""
