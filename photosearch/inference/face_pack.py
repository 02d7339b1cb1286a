"""What a face pack's folder says (the layout of Immich's models).

    detection/model.onnx      finds faces: box, score and five points of each
    recognition/model.onnx    makes a vector of an aligned face

No pack is known by name: family, dimension and inputs come from the files.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from photosearch.errors import ModelError
from photosearch.inference.face_graphs import (
    DetectorGraph,
    RecogniserGraph,
    detector_graph,
    recogniser_graph,
)
from photosearch.inference.fingerprint import DETECTION, RECOGNITION, face_pack_files
from photosearch.inference.session import open_to_look


@dataclass(frozen=True, slots=True)
class FacePack:
    """A face pack's folder, read and understood."""

    folder: Path
    name: str
    detector: DetectorGraph
    recogniser: RecogniserGraph
    bytes_on_disk: int

    @property
    def family(self) -> str:
        return self.detector.family

    @property
    def dimension(self) -> int:
        return self.recogniser.dimension


def is_face_pack(folder: Path) -> bool:
    """Say whether a folder looks like a face pack, whole or not, rather than a search model."""
    search = any((folder / part).exists() for part in ("config.json", "visual", "textual"))
    return not search and any((folder / part).exists() for part in ("detection", "recognition"))


def inspect_face_pack(folder: Path) -> FacePack:
    """Read a face pack and open both graphs once; ModelError says what is wrong with it."""
    folder = folder.absolute()
    check_complete(folder)
    detection, recognition = folder / DETECTION, folder / RECOGNITION
    detector = detector_graph(detection, open_to_look(detection))
    recogniser = recogniser_graph(recognition, open_to_look(recognition))
    size = sum(path.stat().st_size for path in face_pack_files(folder))
    return FacePack(folder, folder.name, detector, recogniser, size)


def check_complete(folder: Path) -> None:
    """Raise ModelError with what a face pack's folder lacks."""
    if not folder.is_dir():
        raise ModelError(f"The folder {folder} does not exist.")
    missing = [part for part in (DETECTION, RECOGNITION) if not (folder / part).is_file()]
    if not missing:
        return
    if (folder / "visual").is_dir() or (folder / "textual").is_dir():
        raise ModelError(f"{folder} is a search model, not a face pack: it cannot find faces.")
    verb = "is" if len(missing) == 1 else "are"
    raise ModelError(f"{folder} is not a face pack: {' and '.join(missing)} {verb} missing.")
