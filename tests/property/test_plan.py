"""Whatever happens to files on disk, after a run the library shows what the disk shows."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from indexing_world import World, hash_of

from photosearch.errors import Cancelled
from photosearch.types import PhotoId

# Few of each: what matters is that they meet.
PLACES = ["one/", "one/a/", "one/a/b/", "two/"]
NAMES = ["x.jpg", "y.jpg"]
CONTENTS = [f"picture {'·' * n}{n}" for n in range(4)]

places = st.sampled_from(PLACES)
names = st.sampled_from(NAMES)
contents = st.sampled_from(CONTENTS)


class LibraryAgainstDisk(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.place = Path(tempfile.mkdtemp(prefix="plan-"))
        self.world = World(self.place)
        self.roots = [self.world.folder(name) for name in ("one", "two")]
        self.away: set[Path] = set()
        self.liked: set[bytes] = set()  # exactly these must be favourites
        self.fresh = False  # nothing happened since the last whole run

    @initialize()
    def begin(self) -> None:
        self.world.add(*self.roots)

    def teardown(self) -> None:
        self.world.close()
        shutil.rmtree(self.place)

    def path(self, place: str, name: str) -> Path:
        root, _, inner = place.partition("/")
        real = self.place / root
        return (self.hidden(real) if real in self.away else real) / inner / name

    @staticmethod
    def hidden(root: Path) -> Path:
        return root.with_name(f"{root.name}-unplugged")

    def files(self) -> list[Path]:
        return sorted(
            path
            for root in self.roots
            for path in (self.hidden(root) if root in self.away else root).rglob("*.jpg")
        )

    # --- what happens on disk ---

    @rule(place=places, name=names, content=contents)
    def write(self, place: str, name: str, content: str) -> None:
        """Create a file, or save over one."""
        self.world.write(self.path(place, name), content)
        self.fresh = False

    @rule(data=st.data())
    def delete(self, data: st.DataObject) -> None:
        if files := self.files():
            data.draw(st.sampled_from(files)).unlink()
            self.fresh = False

    @rule(data=st.data(), place=places, name=names)
    def move(self, data: st.DataObject, place: str, name: str) -> None:
        if files := self.files():
            target = self.path(place, name)
            target.parent.mkdir(parents=True, exist_ok=True)
            data.draw(st.sampled_from(files)).rename(target)
            self.fresh = False

    @rule(data=st.data(), place=places, name=names)
    def duplicate(self, data: st.DataObject, place: str, name: str) -> None:
        if files := self.files():
            source, target = data.draw(st.sampled_from(files)), self.path(place, name)
            if source != target:
                self.world.write(target, source.read_text())
                self.fresh = False

    @rule(data=st.data())
    def touch(self, data: st.DataObject) -> None:
        if files := self.files():
            self.world.touch(data.draw(st.sampled_from(files)))
            self.fresh = False

    @rule(name=names, root=st.sampled_from(["one", "two"]))
    def rename_folder(self, name: str, root: str) -> None:
        source, target = self.path(f"{root}/a/", ""), self.path(f"{root}/renamed/", "")
        if target.exists():
            source, target = target, source
        if source.exists() and not target.exists():
            source.rename(target)
            self.fresh = False

    @rule(root=st.sampled_from([0, 1]))
    def unplug_or_plug(self, root: int) -> None:
        path = self.roots[root]
        if path in self.away:
            self.hidden(path).rename(path)
            self.away.discard(path)
        else:
            path.rename(self.hidden(path))
            self.away.add(path)
        self.fresh = False

    # --- what the user does ---

    @rule(data=st.data())
    def like(self, data: st.DataObject) -> None:
        if photos := sorted(self.world.photos().items()):
            content, photo = data.draw(st.sampled_from(photos))
            self.world.store.favourites.set([PhotoId(photo)], True)
            self.liked.add(content)

    @rule(photo=st.integers(0, 3))
    def like_and_edit(self, photo: int) -> None:
        """The usual way of a favourite, too rare if left to chance."""
        self.index_everything()
        if files := self.files():
            path = files[photo % len(files)]
            self.like_file(path)
            self.world.write(path, CONTENTS[photo])
            self.index_everything()

    @rule(photo=st.integers(0, 3))
    def like_and_swap(self, photo: int) -> None:
        """Two files take each other's names, as when photos are numbered anew."""
        one, other = self.path("one/", "x.jpg"), self.path("one/", "y.jpg")
        self.world.write(one, CONTENTS[photo])
        self.world.write(other, CONTENTS[photo - 1])
        self.index_everything()
        self.like_file(one)
        aside = one.rename(self.place / "aside")
        other.rename(one)
        aside.rename(other)
        self.index_everything()

    def like_file(self, path: Path) -> None:
        content = hash_of(path.read_bytes())
        if content in self.world.photos():
            self.world.store.favourites.set([PhotoId(self.world.photos()[content])], True)
            self.liked.add(content)

    @rule(after=st.integers(1, 12))
    def index_and_cancel(self, after: int) -> None:
        left = after

        def check() -> None:
            nonlocal left
            left -= 1
            if left < 0:
                raise Cancelled("enough")

        try:
            self.index(check)
        except Cancelled:
            self.fresh = False

    @rule()
    def index_everything(self) -> None:
        self.index(lambda: None)
        self.assert_equals_disk()
        self.fresh = not self.away

    @rule()
    @precondition(lambda self: self.fresh)
    def index_once_more(self) -> None:
        looked, encoded = len(self.world.decoder.looked), self.world.engine.encoded
        report = self.world.index()
        assert len(self.world.decoder.looked) == looked
        assert (self.world.engine.encoded, self.world.decoder.inputs) == (encoded, 0)
        assert report.unchanged == report.found == len(self.files())

    # --- what must hold ---

    @invariant()
    def what_is_liked_is_liked_and_nothing_else(self) -> None:
        assert self.world.favourites() == self.liked

    def index(self, check: object) -> None:
        before_files, before, known = self.shown(), self.world.photos(), self.known()
        try:
            self.world.index(check)  # type: ignore[arg-type]
        finally:
            after_files, after = self.shown(), self.world.photos()
            edited: set[bytes] = set()
            edited_away: set[bytes] = set()
            for file, content in before_files.items():
                now = after_files.get(file, content)
                if now == content:
                    continue
                edited |= {content, now}
                if now in known:  # moved there, or put in its place: another picture
                    continue
                if content in self.liked:
                    self.liked.add(now)  # an edited favourite is one
                if content not in self.known():
                    edited_away.add(content)
            self.liked -= edited_away  # they live on in what became of them
            changes = [(c, after_files.get(f, c)) for f, c in before_files.items()]
            taken = {now for content, now in changes if now != content}
            if any(now not in known and content in taken for content, now in changes):
                # A picture took the name of one that took a third one's: which of them was
                # edited and which moved depends on the order in which they are looked at.
                self.liked = self.world.favourites()
            for content in before.keys() & after.keys() - edited:
                assert before[content] == after[content], "the photo got another id"
            self.world.assert_sound()

    def known(self) -> set[bytes]:
        return {row[0] for row in self.world.ask("SELECT hash FROM photo")}

    def shown(self) -> dict[int, bytes]:
        return dict(self.world.ask("SELECT f.id, hash FROM file f JOIN photo p ON p.id = f.photo"))

    def assert_equals_disk(self) -> None:
        expected = {
            (os.fsencode(root), os.fsencode(path.relative_to(root))): hash_of(path.read_bytes())
            for root in self.roots
            if root not in self.away
            for path in root.rglob("*.jpg")
        }
        rows = self.world.ask(
            "SELECT d.path, d.offline, f.dir, f.name, f.state, p.hash FROM file f"
            " JOIN folder d ON d.id = f.folder LEFT JOIN photo p ON p.id = f.photo"
        )
        online = [row for row in rows if not row[1]]
        assert {
            (path, b"/".join(part for part in (directory, name) if part)): content
            for path, _, directory, name, _, content in online
        } == expected
        assert all(row[4] == "known" for row in online)
        assert {row[0] for row in rows if row[1]} <= {os.fsencode(root) for root in self.away}
        if not self.away:
            assert set(self.world.photos()) == set(expected.values())
            assert self.world.engine.photos >= set(self.world.photos().values())


TestLibraryAgainstDisk = LibraryAgainstDisk.TestCase
TestLibraryAgainstDisk.settings = settings(
    max_examples=40,
    stateful_step_count=30,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
