"""What a second start says to the first window: paths as bytes, in one bounded message.

Knows the format alone. Nothing in it is ever executed or unpickled: a length, then byte
strings, each after its own length.
"""

from __future__ import annotations

import os
import re
import struct
from collections.abc import Sequence
from dataclasses import dataclass

VERSION = 1
MOST_BYTES = 8 << 20  # four times what a command line may hold on Linux
_MAGIC = b"PSWN"
_HEAD = struct.Struct(">4sHI")  # magic, version, bytes that follow
_LENGTH = struct.Struct(">I")
_TOKEN = re.compile(rb"[\x21-\x7e]{0,256}")

TAKEN = _MAGIC + b"\x01"
OTHER_VERSION = _MAGIC + b"\x02"
REPLY_BYTES = len(TAKEN)


@dataclass(frozen=True, slots=True)
class Request:
    """Show the window and add these paths; the token lets a window come to the front."""

    paths: tuple[str, ...]
    token: str = ""


class Garbage(ValueError):  # noqa: N818  (what came, not what went wrong)
    """What came is no request."""


class AnotherVersion(ValueError):  # noqa: N818
    """What came is a request of another version of the program."""


def packed(request: Request) -> bytes:
    """Return the bytes of a request; `ValueError` when it is too long."""
    parts = [request.token.encode("ascii", "ignore"), *map(os.fsencode, request.paths)]
    body = b"".join(_LENGTH.pack(len(part)) + part for part in parts)
    if len(body) > MOST_BYTES:
        raise ValueError(f"{len(request.paths)} paths are too many for one start")
    return _HEAD.pack(_MAGIC, VERSION, len(body)) + body


def unpacked(data: bytes) -> Request | None:
    """Return the request that `data` is, None while some of it is missing.

    `Garbage` when it cannot become one, whatever follows.
    """
    if not _MAGIC.startswith(data[: len(_MAGIC)]):
        raise Garbage("it does not begin as a request")
    if len(data) < _HEAD.size:
        return None
    _magic, version, length = _HEAD.unpack_from(data)
    if version != VERSION:
        raise AnotherVersion(f"version {version}")
    if length > MOST_BYTES or len(data) > _HEAD.size + length:
        raise Garbage(f"a request of {max(length, len(data))} bytes")
    if len(data) < _HEAD.size + length:
        return None
    return _request(_parts(data[_HEAD.size :]))


def _parts(body: bytes) -> Sequence[bytes]:
    parts, at = [], 0
    while at < len(body):
        if len(body) - at < _LENGTH.size:
            raise Garbage("a length is cut off")
        (length,) = _LENGTH.unpack_from(body, at)
        at += _LENGTH.size
        if length > len(body) - at:
            raise Garbage("a path is cut off")
        parts.append(body[at : at + length])
        at += length
    return parts


def _request(parts: Sequence[bytes]) -> Request:
    if not parts or not _TOKEN.fullmatch(parts[0]):
        raise Garbage("its token is none")
    paths = tuple(os.fsdecode(part) for part in parts[1:])
    if not all(os.path.isabs(path) and "\0" not in path for path in paths):
        raise Garbage("a path in it leads nowhere")
    return Request(paths, parts[0].decode("ascii"))
