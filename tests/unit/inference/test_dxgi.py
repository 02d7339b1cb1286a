"""Windows' list of adapters: what DXGI writes is read, and methods are called by their place.

Here DXGI is a pretended one, built of real COM tables; a real one has not been tried.
"""

from __future__ import annotations

import ctypes
from types import SimpleNamespace
from typing import Any

from photosearch.inference import dxgi
from photosearch.inference.dxgi import Description, read

_NOT_FOUND = -0x7785FFFE  # DXGI_ERROR_NOT_FOUND
_PLAIN = ctypes.CFUNCTYPE(ctypes.c_int32, ctypes.c_void_p)
_ONE = ctypes.CFUNCTYPE(ctypes.c_int32, ctypes.c_void_p, ctypes.c_void_p)
_TWO = ctypes.CFUNCTYPE(ctypes.c_int32, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p)
_NUMBERED = ctypes.CFUNCTYPE(ctypes.c_int32, ctypes.c_void_p, ctypes.c_uint32, ctypes.c_void_p)


def description(name: str, **values: int) -> Description:
    made = Description(**values)
    for place, byte in enumerate(name.encode("utf-16-le")[::2]):
        made.description[place] = byte
    return made


class Com:
    """An object with a table of methods, as COM lays it out."""

    def __init__(self, methods: dict[int, Any]) -> None:
        self.released = 0
        self._methods = {**methods, 2: _PLAIN(self._release)}
        addresses = [
            ctypes.cast(self._methods[place], ctypes.c_void_p).value
            if place in self._methods
            else 0
            for place in range(14)
        ]
        self._table = (ctypes.c_void_p * 14)(*addresses)
        self._object = ctypes.c_void_p(ctypes.addressof(self._table))

    def _release(self, _this: int) -> int:
        self.released += 1
        return 0

    def put(self, where: int) -> int:
        ctypes.c_void_p.from_address(where).value = ctypes.addressof(self._object)
        return 0


def adapter(described: Description, driver: int) -> Com:
    def describe(_this: int, where: int) -> int:
        ctypes.memmove(where, ctypes.byref(described), ctypes.sizeof(described))
        return 0

    def check(_this: int, _interface: int, where: int) -> int:
        ctypes.c_int64.from_address(where).value = driver
        return 0 if driver else -1

    return Com({9: _TWO(check), 10: _ONE(describe)})


def test_adapters_are_read_in_their_order_and_released() -> None:
    first = adapter(description("Intel(R) Arc", vendor=0x8086, luid=7), 31 << 48 | 101 << 16 | 2111)
    second = adapter(
        description("NVIDIA RTX", vendor=0x10DE, luid=9, video_memory=8 << 30, flags=2), 0
    )
    cards = [first, second]

    def enumerate_one(_this: int, number: int, where: int) -> int:
        return cards[number].put(where) if number < len(cards) else _NOT_FOUND

    factory = Com({12: _NUMBERED(enumerate_one)})

    def create(_interface: Any, where: Any) -> int:
        return factory.put(ctypes.cast(where, ctypes.c_void_p).value or 0)

    found = dxgi.adapters(lambda name: SimpleNamespace(CreateDXGIFactory1=create))
    assert found is not None
    assert [(each.name, each.vendor, each.luid) for each in found] == [
        ("Intel(R) Arc", 0x8086, 7),
        ("NVIDIA RTX", 0x10DE, 9),
    ]
    assert [each.driver for each in found] == ["31.0.101.2111", ""]
    assert [each.software for each in found] == [False, True]
    assert found[1].memory_bytes == 8 << 30
    assert [each.released for each in (first, second, factory)] == [1, 1, 1]


def test_without_dxgi_nothing_is_told() -> None:
    def load(name: str) -> Any:
        raise OSError(f"{name} is not there")

    assert dxgi.adapters(load) is None
    assert dxgi.adapters(lambda name: SimpleNamespace()) is None
    assert dxgi.adapters(lambda name: SimpleNamespace(CreateDXGIFactory1=lambda *_: -1)) is None


def test_a_description_is_as_large_as_windows_makes_it() -> None:
    assert ctypes.sizeof(Description) == 312
    assert read(description("A card"), 0).name == "A card"
