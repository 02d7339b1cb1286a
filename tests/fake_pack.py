"""A GPU pack of tiny wheels: the runtime of `fake_runtime` and a library beside it."""

from __future__ import annotations

import base64
import hashlib
import zipfile
from pathlib import Path

import fake_runtime

from photosearch.inference.gpu_pack import Listing, Wheel, python_tag

VERSION = "1.26.0"


def wheel(folder: Path, name: str, version: str, files: dict[str, bytes]) -> Wheel:
    """Write a wheel and return how the list of a pack would name it."""
    folder.mkdir(parents=True, exist_ok=True)
    module = name.replace("-", "_")
    info = f"{module}-{version}.dist-info"
    content = {
        **files,
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n".encode(),
        f"{info}/WHEEL": b"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\n"
        b"Tag: py3-none-any\n",
    }
    record = "".join(f"{path},{_hash(data)},{len(data)}\n" for path, data in content.items())
    content[f"{info}/RECORD"] = f"{record}{info}/RECORD,,\n".encode()
    path = folder / f"{module}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for place, data in content.items():
            archive.writestr(place, data)
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    return Wheel(name, version, path.name, path.stat().st_size, sha256)


def write(folder: Path, behaviour: str = "fine", version: str = VERSION) -> Listing:
    """Write the wheels of a pack into a folder and return its list."""
    made = fake_runtime.write(folder.with_name(f"{folder.name}-source"), behaviour, version=version)
    runtime = (made / "onnxruntime" / "__init__.py").read_bytes()
    wheels = (
        wheel(folder, "onnxruntime-gpu", version, {"onnxruntime/__init__.py": runtime}),
        wheel(folder, "nvidia-tiny-cu12", "12.9.1", {"nvidia/tiny/lib/libtiny.so.12": b"\0" * 999}),
    )
    return Listing(version, 525, python_tag(), wheels)


def _hash(data: bytes) -> str:
    digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
    return f"sha256={digest}"
