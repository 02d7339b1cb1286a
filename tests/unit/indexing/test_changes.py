"""One run after another: what each kind of change on disk does to the library."""

from __future__ import annotations

from pathlib import Path

import pytest
from indexing_world import World, hash_of, like, names

from photosearch.types import PhotoFilter


def test_a_move_keeps_photo_vector_and_favourite(world: World, folder: Path) -> None:
    picture = world.write(folder / "first.jpg", "picture")
    world.index()
    like(world, "picture")
    photo, vectors = world.photo("picture"), dict(world.engine.rows)
    (folder / "deep" / "er").mkdir(parents=True)
    picture.rename(folder / "deep" / "er" / "b.jpg")
    report = world.index()
    assert (report.moved, report.added, report.removed, report.updated) == (1, 0, 0, 0)
    assert world.photo("picture") == photo
    assert world.engine.rows == vectors
    assert world.engine.encoded == 1
    assert world.favourites() == {hash_of(b"picture")}
    assert world.store.words.search("deep er b", 5).tolist() == [photo]
    assert world.store.words.search("first.jpg", 5).tolist() == []


def test_a_move_between_roots(world: World, folder: Path) -> None:
    other = world.folder("other")
    world.add(other)
    world.write(folder / "first.jpg", "picture").rename(other / "first.jpg")
    world.index()
    (other / "first.jpg").rename(folder / "z.jpg")
    photo = world.photo("picture")
    assert world.index().moved == 1
    assert world.photo("picture") == photo


def test_an_edited_file_keeps_its_photo(world: World, folder: Path) -> None:
    world.write(folder / "first.jpg", "picture")
    world.index()
    like(world, "picture")
    photo, label = world.photo("picture"), set(world.engine.rows)
    world.write(folder / "first.jpg", "picture, edited")
    assert world.index().updated == 1
    assert world.photos() == {hash_of(b"picture, edited"): photo}
    assert world.favourites() == {hash_of(b"picture, edited")}
    assert label.isdisjoint(world.engine.rows), "the old picture's vector is gone"
    world.assert_sound()


def test_an_edited_file_that_another_shares_becomes_its_own_photo(
    world: World, folder: Path
) -> None:
    world.write(folder / "first.jpg", "picture")
    world.write(folder / "b.jpg", "picture")
    world.index()
    assert len(world.photos()) == world.engine.encoded == 1
    like(world, "picture")
    photo = world.photo("picture")
    world.write(folder / "first.jpg", "edited")
    world.index()
    assert world.photo("picture") == photo
    assert world.photo("edited") != photo
    assert world.favourites() == {hash_of(b"picture"), hash_of(b"edited")}
    assert world.store.words.search("first.jpg", 9).tolist() == [world.photo("edited")]
    assert world.store.words.search("b.jpg", 9).tolist() == [photo]


def test_an_original_kept_beside_the_edited_one_stays_the_original(
    world: World, folder: Path
) -> None:
    """Editors rename the original and save anew under its name."""
    picture = world.write(folder / "first.jpg", "picture")
    world.index()
    like(world, "picture")
    photo = world.photo("picture")
    picture.rename(folder / "a (original).jpg")
    world.write(picture, "edited")
    world.index()
    assert world.photo("picture") == photo
    assert world.favourites() == {hash_of(b"picture"), hash_of(b"edited")}


def test_renumbered_photos_keep_what_was_said_of_each(world: World, folder: Path) -> None:
    for n in (1, 2, 3):
        world.write(folder / f"IMG_{n}.jpg", f"picture {n}")
    world.index()
    like(world, "picture 2")
    for n in (3, 2, 1):
        (folder / f"IMG_{n}.jpg").rename(folder / f"IMG_{n + 1}.jpg")
    world.index()
    assert world.favourites() == {hash_of(b"picture 2")}
    assert len(world.photos()) == 3


def test_a_favourite_saved_over_another_photo_takes_its_favourite_along(
    world: World, folder: Path
) -> None:
    first, second = folder / "first.jpg", folder / "second.jpg"
    world.write(first, "the favourite")
    world.write(second, "something else")
    world.index()
    like(world, "the favourite")
    photo = world.photo("the favourite")
    world.write(second, "the favourite")
    world.write(first, "a picture nobody has said anything of")
    world.index()
    assert world.photo("the favourite") == photo, "it did not follow the name"
    assert hash_of(b"the favourite") in world.favourites()
    world.assert_sound()


def test_an_edited_file_that_was_copied_is_a_favourite_still(world: World, folder: Path) -> None:
    """The copy is looked at first, but it is no photo that was known before."""
    world.write(folder / "first.jpg", "picture")
    world.index()
    like(world, "picture")
    world.write(folder / "first.jpg", "edited")
    world.write(folder / "best" / "b.jpg", "edited")
    world.index()
    assert hash_of(b"edited") in world.favourites()


def test_a_touched_file_is_looked_at_but_not_encoded_again(world: World, folder: Path) -> None:
    world.touch(world.write(folder / "first.jpg", "picture"))
    world.index()
    world.touch(folder / "first.jpg")
    report = world.index()
    assert (report.updated, report.unchanged) == (0, 1)
    assert len(world.decoder.looked) == 2
    assert world.engine.encoded == 1


def test_an_unchanged_library_opens_nothing(world: World, folder: Path) -> None:
    for n in range(20):
        world.write(folder / f"{n % 3}" / f"{n}.jpg", f"picture {n}")
    world.write(folder / "broken.jpg", "broken")
    world.write(folder / "notes", "text")
    first = world.index()
    assert (first.found, first.added, len(first.failed)) == (21, 20, 1)
    opened = len(world.decoder.looked)
    second = world.index()
    assert len(world.decoder.looked) == opened
    assert (second.unchanged, second.found) == (20, 21), "one failed before"
    assert len(second.failed) == 1
    assert "look" not in second.stages


def test_a_favourite_waits_for_its_picture_to_come_back(world: World, folder: Path) -> None:
    picture = world.write(folder / "first.jpg", "picture")
    other = world.write(folder / "b.jpg", "other")
    world.index()
    like(world, "picture")
    photo = world.photo("picture")
    picture.unlink()
    other.unlink()
    assert world.index().removed == 2
    assert world.photos() == {}
    assert world.store.photos.newest_first(PhotoFilter(favourites=True)).ids.tolist() == []
    world.write(folder / "restored.jpg", "picture")
    world.index()
    assert world.photo("picture") == photo
    assert world.favourites() == {hash_of(b"picture")}
    assert world.engine.encoded == 2, "its vector was kept too"


def test_a_picture_that_is_none_any_more(world: World, folder: Path) -> None:
    world.write(folder / "first.jpg", "picture")
    world.index()
    world.write(folder / "first.jpg", "text")
    world.index()
    assert world.photos() == {}
    assert names(world) == {"first.jpg": "ignored"}


def test_a_picture_overwritten_by_something_broken_is_listed(world: World, folder: Path) -> None:
    world.write(folder / "first.jpg", "picture")
    world.index()
    like(world, "picture")
    world.write(folder / "first.jpg", "broken")
    (failed,) = world.index().failed
    assert failed.reason == "It is broken."
    world.write(folder / "first.jpg", "mended")
    assert world.index().failed == ()
    assert world.favourites() == {hash_of(b"mended")}


def test_a_failure_is_tried_again_when_asked_or_changed(world: World, folder: Path) -> None:
    path = world.write(folder / "first.jpg", "broken")
    (failed,) = world.index().failed
    world.index()
    assert len(world.decoder.looked) == 1
    world.store.failures.forget([failed.file])
    world.index()
    assert len(world.decoder.looked) == 2
    world.write(path, "picture")
    report = world.index()
    assert report.failed == ()
    assert list(world.photos()) == [hash_of(b"picture")]


def test_a_file_that_could_not_be_read_is_tried_in_every_run(
    world: World, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A drive pulled out while indexing: size and time will be as before when it is back."""
    world.write(folder / "first.jpg", "picture")
    gone = folder.with_name("unplugged")
    check_calls = 0

    def check() -> None:
        nonlocal check_calls
        check_calls += 1
        if check_calls == 3:  # after the scan
            folder.rename(gone)

    report = world.index(check)
    assert report.failed == ()
    assert "went away" in report.notices[0]
    gone.rename(folder)
    report = world.index()
    assert report.failed == ()
    assert list(world.photos()) == [hash_of(b"picture")]
