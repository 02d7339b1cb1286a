"""Installs the GPU pack with Python's package installer, in a child, into a folder of its own.

Whole files that were fetched stay for the next try; the pack itself appears at once or not at
all. Which wheels it takes is `inference.gpu_pack`'s knowledge.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from photosearch.engine.wire import program
from photosearch.errors import ModelError
from photosearch.inference.gpu_pack import Listing, Wheel, write_note
from photosearch.types import Check, DownloadProgress

Report = Callable[[DownloadProgress], None]
_NAME = "GPU pack"
_POLL_S = 0.2
_QUIET = ("--quiet", "--no-input", "--disable-pip-version-check", "--no-cache-dir", "--no-color")
_EXACTLY = ("--no-deps", "--only-binary", ":all:", "--require-hashes")
# What a user's own configuration may ask for, and what does not go together with a folder.
_NOT_NOW = {"PIP_USER": "0", "PIP_REQUIRE_VIRTUALENV": "0", "PIP_TARGET": "", "PIP_PREFIX": ""}
_HINT = (
    "Or fetch the files on another computer and install them with: "
    "photosearch gpu install --from DIR"
)


def free_bytes(folder: Path) -> int:
    return shutil.disk_usage(folder).free


@dataclass(frozen=True, slots=True)
class Places:
    """Where a pack goes, and where it is made."""

    pack: Path

    @property
    def stage(self) -> Path:
        return self.pack.with_name(f"{self.pack.name}.part")

    @property
    def wheels(self) -> Path:
        return self.stage / "wheels"

    @property
    def fresh(self) -> Path:
        return self.stage / "new"

    @property
    def scratch(self) -> Path:
        return self.stage / "tmp"

    @property
    def old(self) -> Path:
        """A pack that is being replaced: put back at the next start where it was not."""
        return self.pack.with_name(f"{self.pack.name}.old")

    @property
    def gone(self) -> Path:
        """A pack that is being deleted."""
        return self.pack.with_name(f"{self.pack.name}.gone")


class Installation:
    """One installing of the pack; `report` and `check` are asked several times a second."""

    def __init__(
        self,
        pack: Path,
        listed: Listing,
        report: Report,
        check: Check,
        free: Callable[[Path], int] = free_bytes,
    ) -> None:
        self._places = Places(pack)
        self._listed = listed
        self._report = report
        self._check = check
        self._free = free
        self._start = time.monotonic()

    def make(self, source: str | None) -> Path:
        """Fetch the wheels (or take them from a folder) and unpack them; returns the new folder.

        ModelError says what went wrong; what the check raises leaves whole files for next time.
        """
        places = self._places
        self._tidy()
        try:
            for folder in (places.wheels, places.fresh, places.scratch):
                folder.mkdir(parents=True, exist_ok=True)
            self._refuse_without_space(source)
            try:
                if source is None:
                    self._fetch()
                self._unpack(Path(source).absolute() if source is not None else places.wheels)
            finally:
                shutil.rmtree(places.scratch, ignore_errors=True)
            write_note(places.fresh, self._listed)
        except OSError as error:
            raise ModelError(
                f"The GPU pack cannot be written to {places.stage}: {error.strerror or error}."
            ) from error
        return places.fresh

    def put_in_place(self) -> None:
        """Make the new folder the pack, and delete what was there and what is not needed."""
        places = self._places
        try:
            if places.pack.exists():
                places.pack.rename(places.old)
            places.fresh.rename(places.pack)
        except OSError as error:
            with suppress(OSError):
                if not places.pack.exists() and places.old.exists():
                    places.old.rename(places.pack)
            raise ModelError(
                f"The GPU pack cannot be put to {places.pack} ({error.strerror or error}). "
                "Perhaps another PhotoSearch uses it: close it and try again."
            ) from error
        self._tidy()
        shutil.rmtree(places.stage, ignore_errors=True)

    def give_up(self) -> None:
        """Delete what was unpacked but cannot be used."""
        shutil.rmtree(self._places.fresh, ignore_errors=True)

    def tell(self, stage: str, done: int = 0, total: int = 0, file: str = "") -> None:
        """Report, and let the user stop."""
        self._check()
        elapsed = time.monotonic() - self._start
        speed = done / elapsed if stage == "downloading" and elapsed > 1 else 0.0
        left = (total - done) / speed if speed else None
        self._report(DownloadProgress(_NAME, stage, min(done, total), total, speed, left, file))

    def _tidy(self) -> None:
        for folder in (self._places.fresh, self._places.scratch, self._places.old):
            shutil.rmtree(folder, ignore_errors=True)

    def _refuse_without_space(self, source: str | None) -> None:
        listed = self._listed
        needed = listed.unpacked_bytes
        if source is None:
            needed += max(0, listed.download_bytes - _size(self._places.wheels))
        free = self._free(self._places.stage)
        if free < needed:
            raise ModelError(
                f"The GPU pack needs about {needed / 1e9:.1f} GB of free space while it is "
                f"installed, and {self._places.stage.parent} has {free / 1e9:.1f} GB. "
                "Make room there and try again."
            )

    def _fetch(self) -> None:
        """Fetch each wheel by name, but not one that is here whole from an earlier try."""
        done, total = 0, self._listed.download_bytes
        for wheel in self._listed.wheels:

            def watch(done: int = done, wheel: Wheel = wheel) -> None:
                here = done + min(_size(self._places.scratch), wheel.bytes)
                self.tell("downloading", here, total, wheel.file)

            if not self._here(wheel):
                wanted, dest = self._wanted([wheel]), ("--dest", str(self._places.wheels))
                self._pip("download", *_EXACTLY, *wanted, *dest, on=watch)
            done += wheel.bytes
            self.tell("downloading", done, total, wheel.file)

    def _here(self, wheel: Wheel) -> bool:
        """Whether a wheel is here with the right checksum."""
        digest = hashlib.sha256()
        try:
            with (self._places.wheels / wheel.file).open("rb") as stream:
                while block := stream.read(1 << 22):
                    digest.update(block)
                    self._check()
        except FileNotFoundError:
            return False
        return digest.hexdigest() == wheel.sha256

    def _unpack(self, wheels: Path) -> None:
        def watch() -> None:
            written = _size(self._places.fresh) + _size(self._places.scratch)
            self.tell("verifying", written, self._listed.unpacked_bytes)

        missing = [w.file for w in self._listed.wheels if not (wheels / w.file).is_file()]
        if missing:
            raise ModelError(
                f"{wheels} lacks {len(missing)} of {len(self._listed.wheels)} files of the GPU "
                f"pack, {missing[0]} among them. Put all of them into one folder."
            )
        self._pip(
            "install",
            *_EXACTLY,
            *("--no-index", "--find-links", str(wheels)),
            *self._wanted(self._listed.wheels),
            *("--no-compile", "--target", str(self._places.fresh)),
            on=watch,
        )

    def _wanted(self, wheels: Sequence[Wheel]) -> tuple[str, str]:
        path = self._places.scratch / "wanted.txt"
        path.write_text("".join(f"{wheel.requirement}\n" for wheel in wheels), encoding="utf-8")
        return "-r", str(path)

    def _pip(self, *arguments: str, on: Callable[[], None]) -> None:
        """Run the package installer to its end; ModelError with the reason it gives."""
        command, environment = program("--pip", *arguments, *_QUIET)
        scratch = str(self._places.scratch)
        environment |= _NOT_NOW | {"TMPDIR": scratch, "TEMP": scratch, "TMP": scratch}
        log = self._places.stage / "log.txt"
        flags = 0
        if sys.platform == "win32":
            flags = subprocess.CREATE_NO_WINDOW
        with log.open("wb") as stream:
            child = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,  # closes when this program ends, and the child with it
                stdout=stream,
                stderr=stream,
                env=environment,
                creationflags=flags,
            )
            try:
                while True:
                    with suppress(subprocess.TimeoutExpired):
                        child.wait(_POLL_S)
                        break
                    on()
            finally:
                child.kill()
                child.wait()
                if child.stdin is not None:
                    child.stdin.close()
        if child.returncode != 0:
            raise ModelError(explained(log.read_text(encoding="utf-8", errors="replace")))
        on()


def explained(said: str) -> str:
    """Return a sentence for what the package installer says when it fails."""
    if "DO NOT MATCH THE HASHES" in said or "Hashes are required" in said:
        return (
            "A file of the GPU pack is damaged, or is not the one that PhotoSearch was made for: "
            "its checksum differs. Nothing was installed; try again, or take other files."
        )
    if "No space left on device" in said or "[Errno 28]" in said or "not enough space" in said:
        return "The disk is full: nothing was installed. Make room and try again."
    if "No module named pip" in said:
        return "Python's package installer (pip) is missing here: install it and try again."
    errors = [line.removeprefix("ERROR: ") for line in said.splitlines() if "ERROR" in line]
    last = (errors or said.strip().splitlines() or ["it ended without a word"])[-1].strip(" .")
    return f"The GPU pack could not be installed: {last}. {_HINT}"


def remove(pack: Path) -> None:
    """Delete the pack and what is left of tries; ModelError when something holds it."""
    places = Places(pack)
    for folder in (places.stage, places.old, places.gone):
        shutil.rmtree(folder, ignore_errors=True)
    if not pack.exists():
        return
    try:
        pack.rename(places.gone)  # at once: half a pack is never used
        shutil.rmtree(places.gone)
    except OSError as error:
        raise ModelError(
            f"The GPU pack in {pack} cannot be deleted ({error.strerror or error}). "
            "Perhaps another PhotoSearch uses it: close it and try again."
        ) from error


def _size(folder: Path) -> int:
    """Return the bytes below a folder that others may be writing to."""
    total = 0
    for place, _, names in os.walk(folder):
        for name in names:
            with suppress(OSError):
                total += os.lstat(os.path.join(place, name)).st_size
    return total
