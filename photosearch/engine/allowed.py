"""What a message between the program and its children may be made of.

Pickle can name anything that can be imported. Here it may name the program's own records (data
classes and enumerations, which do nothing when they are made), arrays, exceptions and a few plain
types, so that a child which a hostile photo has taken over cannot have
its parent call what it likes. That is a second lock: a child is no sandbox.
"""

from __future__ import annotations

import dataclasses
import io
import pickle
from collections.abc import Iterable
from enum import Enum
from typing import Any

_PLAIN = {
    "builtins": ("bytearray", "complex", "frozenset", "range", "set", "slice"),
    "collections": ("OrderedDict", "deque"),
    "datetime": ("date", "datetime", "time", "timedelta", "timezone"),
    "numpy": ("dtype", "ndarray"),
    "numpy._core.multiarray": ("_reconstruct", "scalar"),
    "numpy._core.numeric": ("_frombuffer",),
    "pathlib": ("Path", "PosixPath", "PurePosixPath", "PureWindowsPath", "WindowsPath"),
    "pathlib._local": ("Path", "PosixPath", "PurePosixPath", "PureWindowsPath", "WindowsPath"),
}


def loads(data: bytes, arrays: Iterable[bytes | bytearray] = ()) -> Any:
    """Return the value of a message; `UnpicklingError` when it names what it may not.

    `arrays` are what large arrays of the value hold, in the order in which it names them.
    """
    return _Unpickler(io.BytesIO(data), buffers=arrays).load()


class _Unpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        if name in _PLAIN.get(module, ()):
            return super().find_class(module, name)
        if module == "builtins" or module.partition(".")[0] == "photosearch":
            found = super().find_class(module, name)
            if _is_own_record(found, module) or _is_error(found):
                return found
        raise pickle.UnpicklingError(f"{module}.{name} has no business here")


def _is_own_record(found: Any, module: str) -> bool:
    """Whether it is a record that this module of the program itself defines."""
    if not isinstance(found, type) or found.__module__ != module or module == "builtins":
        return False
    is_record = dataclasses.is_dataclass(found) and not hasattr(found, "__post_init__")
    return is_record or issubclass(found, Enum)


def _is_error(found: Any) -> bool:
    return isinstance(found, type) and issubclass(found, Exception)
