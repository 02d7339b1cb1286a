"""Windows' list of graphics adapters, through DXGI and ctypes; knows nothing of models.

Not tried by a machine yet: the calls follow Microsoft's description of `dxgi.h`, and only reading
the answers is tested.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Sequence
from typing import Any

from photosearch.inference.adapters import DxgiAdapter

_SOFTWARE = 2  # DXGI_ADAPTER_FLAG_SOFTWARE
# Places in the tables of methods: IUnknown has 3, IDXGIObject 4 more.
_RELEASE = 2
_CHECK_INTERFACE = 9  # IDXGIAdapter: EnumOutputs, GetDesc, CheckInterfaceSupport
_GET_DESC1 = 10  # IDXGIAdapter1
_ENUM_ADAPTERS1 = 12  # IDXGIFactory1


class _Guid(ctypes.Structure):
    _fields_ = (
        ("data1", ctypes.c_uint32),
        ("data2", ctypes.c_uint16),
        ("data3", ctypes.c_uint16),
        ("data4", ctypes.c_uint8 * 8),
    )


class Description(ctypes.Structure):
    """DXGI_ADAPTER_DESC1."""

    _fields_ = (
        ("description", ctypes.c_uint16 * 128),  # UTF-16
        ("vendor", ctypes.c_uint32),
        ("device", ctypes.c_uint32),
        ("subsystem", ctypes.c_uint32),
        ("revision", ctypes.c_uint32),
        ("video_memory", ctypes.c_size_t),
        ("system_memory", ctypes.c_size_t),
        ("shared_memory", ctypes.c_size_t),
        ("luid", ctypes.c_uint64),
        ("flags", ctypes.c_uint32),
    )


def read(described: Description, driver: int) -> DxgiAdapter:
    """Return an adapter of what DXGI wrote; `driver` is the version as one number."""
    name = bytes(described.description).decode("utf-16-le", "replace").split("\0", 1)[0]
    parts = (driver >> 48 & 0xFFFF, driver >> 32 & 0xFFFF, driver >> 16 & 0xFFFF, driver & 0xFFFF)
    return DxgiAdapter(
        name=name.strip(),
        vendor=described.vendor,
        luid=described.luid,
        software=bool(described.flags & _SOFTWARE),
        memory_bytes=described.video_memory,
        driver=".".join(map(str, parts)) if driver else "",
    )


def adapters(load: Callable[[str], Any] = ctypes.CDLL) -> Sequence[DxgiAdapter] | None:
    """Return every adapter in the order of `EnumAdapters1`; None when DXGI does not answer."""
    try:
        library = load("dxgi")  # on 64-bit Windows there is one calling convention
        factory = ctypes.c_void_p()
        wanted = _guid("770aae78-f26f-4dba-a829-253c83d1b387")  # IDXGIFactory1
        if library.CreateDXGIFactory1(ctypes.byref(wanted), ctypes.byref(factory)) < 0:
            return None
    except (OSError, AttributeError):
        return None
    found: list[DxgiAdapter] = []
    try:
        while True:
            adapter = ctypes.c_void_p()
            number = ctypes.c_uint32(len(found))
            if _call(factory, _ENUM_ADAPTERS1, number, ctypes.byref(adapter)) < 0:
                return found
            try:
                found.append(_described(adapter))
            finally:
                _call(adapter, _RELEASE)
    finally:
        _call(factory, _RELEASE)


def _described(adapter: ctypes.c_void_p) -> DxgiAdapter:
    described, driver = Description(), ctypes.c_int64()
    _call(adapter, _GET_DESC1, ctypes.byref(described))
    device = _guid("54ec77fa-1377-44e6-8c32-88fd5f44c84c")  # IDXGIDevice
    if _call(adapter, _CHECK_INTERFACE, ctypes.byref(device), ctypes.byref(driver)) < 0:
        driver.value = 0
    return read(described, driver.value)


def _call(target: ctypes.c_void_p, place: int, *arguments: Any) -> int:
    """Call a method of a COM object by its place in the table of methods."""
    table = ctypes.cast(target, ctypes.POINTER(ctypes.POINTER(ctypes.c_void_p)))[0]
    kinds = (
        ctypes.c_uint32 if isinstance(a, ctypes.c_uint32) else ctypes.c_void_p for a in arguments
    )
    method = ctypes.CFUNCTYPE(ctypes.c_int32, ctypes.c_void_p, *kinds)(table[place] or 0)
    return int(method(target, *arguments))


def _guid(text: str) -> _Guid:
    first, second, third, *rest = text.split("-")
    tail = bytes.fromhex("".join(rest))
    return _Guid(int(first, 16), int(second, 16), int(third, 16), (ctypes.c_uint8 * 8)(*tail))
