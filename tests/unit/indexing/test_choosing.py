"""What the user says of folders: patterns that leave out, and search that is switched off."""

from __future__ import annotations

import os
from pathlib import Path

from indexing_world import World, hash_of, like

from photosearch.search.query import Sources, answer
from photosearch.types import FolderId, PhotoFilter, PhotoId, Results, SearchRequest


def contents(world: World) -> set[bytes]:
    return set(world.photos())


def of(*contents: str) -> set[bytes]:
    return {hash_of(content.encode()) for content in contents}


def the_folder(world: World) -> FolderId:
    return world.store.folders.all()[0].id


def search(world: World, **more: object) -> Results:
    request = SearchRequest(content_only=True, **more)  # type: ignore[arg-type]
    return answer(request, Sources(world.store, world.engine, world.decoder, world.model))


# --- patterns ---


def test_what_is_left_out_goes_and_comes_back_whole(world: World, folder: Path) -> None:
    world.write(folder / "a.jpg", "stays")
    world.write(folder / "cache" / "b.jpg", "of no interest")
    world.write(folder / "cache" / "c.jpg", "a favourite")
    world.index()
    like(world, "a favourite")
    number = world.photo("a favourite")
    world.store.folders.set_exclude(the_folder(world), ["cache/"])
    assert world.store.folders.all()[0].exclude == ("cache/",)
    assert world.index().removed == 2
    assert contents(world) == of("stays")
    assert world.favourites() == of("a favourite"), "what the user said stays"
    world.assert_sound()
    encoded = world.engine.encoded
    world.store.folders.set_exclude(the_folder(world), [])
    assert world.index().added == 2
    assert contents(world) == of("stays", "of no interest", "a favourite")
    assert world.photo("a favourite") == number
    assert world.engine.encoded == encoded + 1, "that of the favourite was kept"
    world.assert_sound()


def test_files_that_fail_are_no_longer_listed_when_left_out(world: World, folder: Path) -> None:
    world.write(folder / "a.jpg", "broken")
    assert len(world.index().failed) == 1
    world.store.folders.set_exclude(the_folder(world), ["a.*"])
    assert world.index().failed == ()
    assert world.store.failures.count() == 0


def test_a_photo_left_out_in_one_place_stays_in_the_other(world: World, folder: Path) -> None:
    world.write(folder / "a.jpg", "twice")
    world.write(folder / "copies" / "a.jpg", "twice")
    world.index()
    world.store.folders.set_exclude(the_folder(world), ["copies"])
    world.index()
    assert contents(world) == of("twice")
    assert world.ask("SELECT files FROM photo") == [(1,)]


def test_a_folder_that_takes_another_in_leaves_out_the_same(world: World) -> None:
    inner = world.folder("all/in")
    for name in ("a.png", "deep/b.png", "deep/c.jpg", "only/d.jpg", "deep/only/e.jpg"):
        world.write(inner / name, name)
    world.write(world.place / "all" / "out.png", "out")
    (number,) = world.add(inner)
    world.store.folders.set_exclude(number, ["*.png", "/only/"])
    world.add(world.place / "all")
    (folder,) = world.store.folders.all()
    assert folder.exclude == ("in/**/*.png", "in/only/")
    world.index()
    assert contents(world) == of("out", "deep/c.jpg", "deep/only/e.jpg")


def test_what_is_left_out_can_be_a_folder_of_its_own(world: World, folder: Path) -> None:
    from photosearch.media.scan import reaches

    world.store.folders.set_exclude(the_folder(world), ["private/"])
    path = os.fsencode(world.folder("photos/private/in"))
    world.store.folders.add(path, single_file=False, volume="", reaches=reaches)
    assert len(world.store.folders.all()) == 2


# --- only some directories ---


def test_a_look_into_one_directory_only(world: World, folder: Path) -> None:
    world.write(folder / "a.jpg", "a")
    world.write(folder / "in" / "b.jpg", "b")
    world.index()
    world.write(folder / "c.jpg", "c")
    world.write(folder / "in" / "d.jpg", "d")
    (folder / "in" / "b.jpg").unlink()
    report = world.index(within={the_folder(world): [b"in"]})
    assert (report.added, report.removed) == (1, 1)
    assert contents(world) == of("a", "d")
    (folder / "in" / "d.jpg").unlink()
    (folder / "in").rmdir()
    assert world.index(within={the_folder(world): [b"in"]}).removed == 1
    world.index()
    assert contents(world) == of("a", "c")
    world.assert_sound()


def test_a_photo_moved_between_two_directories_keeps_its_vector(world: World, folder: Path) -> None:
    path = world.write(folder / "one" / "a.jpg", "a")
    world.index()
    number = world.photo("a")
    world.folder("photos/two")
    path.rename(folder / "two" / "b.jpg")
    report = world.index(within={the_folder(world): [b"one", b"two"]})
    assert (report.moved, report.added) == (1, 0)
    assert world.photo("a") == number
    assert world.engine.encoded == 1


# --- search switched off ---


def test_a_folder_that_is_not_searched_by_content(world: World, folder: Path) -> None:
    (private,) = world.add(world.folder("private"))
    world.write(folder / "a.jpg", "a")
    world.write(world.folder("private") / "b.jpg", "b")
    world.store.folders.set_search(private, False)
    assert [f.search for f in world.store.folders.all() if f.id == private] == [False]
    world.index()
    assert world.engine.photos == {world.photo("a")}, "no vector is made"
    assert contents(world) == of("a", "b"), "it is still seen"
    assert "embed" not in world.index().stages
    missing = search(world, like=(PhotoId(world.photo("b")),)).notices
    assert missing == ("This photo is in a folder that is not searched by what photos show.",)
    world.store.folders.set_search(private, True)
    world.index()
    assert len(world.engine.photos) == 2


def test_what_exists_is_hidden_and_comes_back_at_once(world: World, folder: Path) -> None:
    (private,) = world.add(world.folder("private"))
    for count in range(80):
        world.write(world.folder("private") / f"{count}.jpg", f"private {count}")
    world.write(folder / "a.jpg", "a")
    world.write(folder / "both.jpg", "private 7")
    world.index()
    both = {world.photo("a"), world.photo("private 7")}
    assert len(search(world, text="x").ids) == 81
    world.store.folders.set_search(private, False)
    assert set(search(world, text="x").ids.tolist()) == both
    # The nearest are all of the folder that is off: the others are found none the less.
    assert set(search(world, text="x", limit=2).ids.tolist()) == both
    assert len(search(world, text="x", filter=PhotoFilter(folder=private)).ids) == 1
    assert world.store.embeddings.pending_count(1) == 0
    world.store.folders.set_search(private, True)
    assert len(search(world, text="x").ids) == 81
    world.assert_sound()
