"""Models from folders and ZIP files, for machines without a network; hostile files are refused."""

from __future__ import annotations

import re
import stat
import zipfile
from pathlib import Path

import pytest
import tiny_faces
import tiny_models
from tiny_models import Tiny

from photosearch.errors import Cancelled, ModelError
from photosearch.inference import record
from photosearch.models.downloads import Means
from photosearch.types import FacePackInfo

from .conftest import PATIENCE, World


def packed(folder: Path, target: Path, top: str = "", more: dict[str, bytes] | None = None) -> Path:
    """Pack the files of a folder, below `top` and with more beside them."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                archive.write(path, f"{top}{path.relative_to(folder).as_posix()}")
        for name, content in (more or {}).items():
            archive.writestr(name, content)
    return target


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return tiny_models.write(tmp_path / "model", Tiny(external=True))


def test_a_folder_is_registered_where_it_is(world: World, model: Path) -> None:
    assert world.add(model).folder == str(model)
    assert not world.folder.exists() or not any(world.folder.iterdir())
    assert not (model / record.NAME).exists()
    offers = {offer.name: offer for offer in world.library.offers.all()}
    assert not offers["model"].owned


@pytest.mark.parametrize(
    ("top", "name"), [("", "mine"), ("wrapped/", "wrapped"), ("a/b/", "b")], ids=str
)
def test_a_zip_file_is_unpacked(
    world: World, model: Path, tmp_path: Path, top: str, name: str
) -> None:
    more = {f"{top}visual/model.armnn": b"no", f"{top}README.md": b"no", "other/x.bin": b"no"}
    archive = packed(model, tmp_path / "mine.zip", top, more)
    found = world.add(archive)
    assert found.name == name
    assert found.in_use
    assert found.folder == str(world.folder / name)
    files = {p.relative_to(model).as_posix() for p in model.rglob("*") if p.is_file()}
    assert world.files(name) == files | {record.NAME}
    offers = {offer.name: offer for offer in world.library.offers.all()}
    assert offers[name].owned
    world.repair(name)
    (world.folder / name / "visual/weights.bin").write_bytes(b"damaged")
    with pytest.raises(ModelError, match=r"visual/weights\.bin .*from a ZIP file"):
        world.repair(name)


def test_a_face_pack_from_a_zip_file(world: World, tmp_path: Path) -> None:
    pack = tiny_faces.write(tmp_path / "pack")
    found = world.add(packed(pack, tmp_path / "faces.zip"))
    assert isinstance(found, FacePackInfo)
    assert found.name == "faces"


@pytest.mark.parametrize(
    "name", ["../evil", "/evil", "a/../../evil", "C:\\evil", "a\\..\\..\\evil"]
)
def test_a_file_that_leads_out_is_refused(
    world: World, model: Path, tmp_path: Path, name: str
) -> None:
    archive = packed(model, tmp_path / "mine.zip", more={name: b"evil"})
    with pytest.raises(ModelError, match="leads out of its folder"):
        world.add(archive)
    assert not list(tmp_path.rglob("*evil*"))


def test_a_link_is_refused(world: World, model: Path, tmp_path: Path) -> None:
    archive = packed(model, tmp_path / "mine.zip")
    link = zipfile.ZipInfo("visual/link")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(archive, "a") as opened:
        opened.writestr(link, "/etc/passwd")
    with pytest.raises(ModelError, match="leads out of its folder"):
        world.add(archive)


def test_a_bomb_is_refused(world: World, model: Path, tmp_path: Path) -> None:
    archive = packed(model, tmp_path / "mine.zip")
    with (
        zipfile.ZipFile(archive, "a", zipfile.ZIP_DEFLATED) as opened,
        opened.open("visual/bomb.bin", "w", force_zip64=True) as stream,
    ):
        for _ in range(150):
            stream.write(bytes(2**20))
    with pytest.raises(ModelError, match="times as large, as no model does"):
        world.add(archive)


def test_a_file_that_is_larger_than_it_says(world: World, model: Path, tmp_path: Path) -> None:
    """The size in the list is what room is asked for: more than that is never written."""
    archive = packed(model, tmp_path / "mine.zip")
    content = archive.read_bytes()
    with zipfile.ZipFile(archive) as opened:
        info = opened.getinfo("visual/weights.bin")
    size = info.file_size.to_bytes(4, "little")
    at = content.rfind(b"visual/weights.bin")  # in the list at the end
    field = content.rfind(size, 0, at)
    assert at - field == 46 - 24
    archive.write_bytes(content[:field] + (1).to_bytes(4, "little") + content[field + 4 :])
    with pytest.raises(ModelError, match=r"visual/weights\.bin in .* cannot be unpacked"):
        world.add(archive)
    assert world.library.models() == ()
    assert not list(world.folder.glob("mine*"))


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"holiday.jpg": b""}, "holds no model"),
        ({"config.json": b"{}"}, "holds no model"),
        ({"config.json": b"{}", "visual/model.onnx": b""}, "is not whole: visual/preprocess_cfg"),
        ({"detection/model.onnx": b""}, "recognition/model.onnx is missing"),
        ({"a/detection/model.onnx": b"", "b/detection/model.onnx": b""}, "several models (a/, b/)"),
    ],
)
def test_what_is_no_model(world: World, tmp_path: Path, files: dict[str, bytes], said: str) -> None:
    (tmp_path / "empty").mkdir()
    archive = packed(tmp_path / "empty", tmp_path / "x.zip", more=files)
    with pytest.raises(ModelError, match=re.escape(said)):
        world.add(archive)


def test_what_cannot_be_read(world: World, tmp_path: Path) -> None:
    fake = tmp_path / "fake.zip"
    fake.write_bytes(b"PK not really")
    with pytest.raises(ModelError, match="not a ZIP file"):
        world.add(fake)
    with pytest.raises(ModelError, match="There is no file"):
        world.add(tmp_path / "absent.zip")
    with pytest.raises(ModelError, match="does not exist"):
        world.add(tmp_path / "absent")


def test_graphs_that_do_not_load_leave_nothing(world: World, model: Path, tmp_path: Path) -> None:
    (model / "visual/model.onnx").write_bytes(b"no graph")
    with pytest.raises(ModelError, match=r"visual/model\.onnx"):
        world.add(packed(model, tmp_path / "mine.zip"))
    assert not list(world.folder.glob("mine*"))
    assert world.library.models() == ()


def test_no_room_and_stopping(world: World, model: Path, tmp_path: Path) -> None:
    archive = packed(model, tmp_path / "mine.zip")
    world.with_means(Means(PATIENCE, free=lambda folder: 0))
    with pytest.raises(ModelError, match="more are needed"):
        world.add(archive)
    world.with_means(Means(PATIENCE))

    def stop() -> None:
        raise Cancelled("Stopped.")

    with pytest.raises(Cancelled):
        world.library.getting.add(str(archive), world.told.append, stop)
    assert not list(world.folder.glob("mine*"))
    world.add(archive)
    with pytest.raises(ModelError, match=r"There is a folder .*mine already"):
        world.add(archive)
