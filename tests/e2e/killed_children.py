"""What is killed while a model is converted, prepared or tried on a card, or a GPU pack fetched.

The program is the command line, the children are its own. Converting writes a tiny model slowly
instead of asking PyTorch, and the pack is one of tiny wheels: what is killed and what is left is
the same. The end of such a child ends what it was asked for; the next start must find nothing of
it, and doing it again must end as if nothing had been.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import fake_pack
import fake_runtime
import tiny_models

from photosearch.inference.gpu_pack import Listing, python_tag, write_note

from .killing import ALL, CONVERTER, INSTALLER, MAIN, PREPARER, PROBE, Scenario
from .program import Program
from .tasks import open_library
from .test_killed import Marked

# Makes the slow part of each child predictable; the program knows nothing of it.
SEAM = """
import json, os, shutil, sys, time
from pathlib import Path

if "--convert" in sys.orig_argv:
    from photosearch.inference.conversion import converting

    def convert(request, folder, tell):
        source = Path(os.environ["KILLING_MODEL"])
        for path in sorted(source.rglob("*")):
            target = folder / path.relative_to(source)
            if path.is_dir():
                target.mkdir()
                continue
            with target.open("wb") as stream:
                for part in range(4):
                    stream.write(path.read_bytes()[part::4])
                    stream.flush()
                    time.sleep(float(os.environ["KILLING_PAUSE"]))
            shutil.copyfile(path, target)
        return ()

    converting.convert = convert
elif "KILLING_PACK" in os.environ and "gpu" in sys.orig_argv:
    from photosearch.inference import gpu_pack

    made = json.loads(os.environ["KILLING_PACK"])
    wheels = tuple(gpu_pack.Wheel(**each) for each in made.pop("wheels"))
    gpu_pack.listing = lambda: gpu_pack.Listing(wheels=wheels, **made)
"""


def work_folders(home: Path) -> list[str]:
    """Return what only an interrupted work on models leaves, whole wheels apart."""
    found = [*(home / "models").glob(".converting-*"), *(home / "models").glob("*/.converting")]
    found += (home / "cache" / "prepared").glob("*/*.part")
    found += [home / f"gpu.{end}" for end in ("old", "gone", "part/new", "part/tmp")]
    return sorted(str(path.relative_to(home)) for path in found if path.exists())


@dataclass
class WorkOnModels(Scenario):
    """One command whose work a child does."""

    in_turn = True

    def words(self, home: Path) -> tuple[str | Path, ...]:
        """Return the command."""
        raise NotImplementedError

    def variables(self, home: Path) -> dict[str, str]:
        return {}

    def shown(self, home: Path) -> Any:
        """Return what the work has made, in words that are the same each time."""
        raise NotImplementedError

    def begin(self, home: Path) -> None:
        """Make what each life begins with."""
        home.mkdir(parents=True)

    def make(self) -> None:
        self.begin(self.place / "base")
        (self.place / "seam").mkdir()
        (self.place / "seam" / "sitecustomize.py").write_text(SEAM)
        reference = self.place / "reference"
        self.fresh(reference)
        before = self.shown(reference)
        began = time.monotonic()
        with self.start(Marked(Program(reference)), reference) as process:
            _, err = process.communicate(timeout=240)
        self.seconds = time.monotonic() - began
        assert process.returncode == 0, err
        assert work_folders(reference) == []
        self.before, self.made = before, self.shown(reference)
        assert self.made != before

    def start(self, marked: Marked, home: Path) -> subprocess.Popen[bytes]:
        command = marked.program.command(*self.words(home), "--json")
        return marked.begin(command, self.place / "seam", **self.variables(home))

    def after_kill(self, home: Path, said: bytes) -> None:
        """The next start finds everything as before the work, or as after it."""
        open_library(home, own_engine=False).close()
        assert work_folders(home) == []
        assert self.shown(home) in (self.before, self.made)

    def after_end(self, home: Path, said: bytes, kills: int) -> None:
        assert work_folders(home) == []
        assert self.shown(home) == self.made


def listed(home: Path) -> list[str]:
    file = home / "models.json"
    found = json.loads(file.read_bytes())["models"] if file.exists() else []
    return sorted(each["info"]["name"] for each in found)


@dataclass
class Converting(WorkOnModels):
    """A model of one's own becomes a model folder."""

    roles: tuple[str, ...] = (CONVERTER, MAIN, ALL)
    pause_s: float = 0.03

    def begin(self, home: Path) -> None:
        super().begin(home)
        tiny_models.write(self.place / "tiny")
        (self.place / "weights.pt").write_bytes(b"weights")

    def words(self, home: Path) -> tuple[str | Path, ...]:
        return (
            *("models", "convert", "--name", "mine", "--architecture", "ViT-B-32"),
            *("--checkpoint", self.place / "weights.pt"),
        )

    def variables(self, home: Path) -> dict[str, str]:
        return {"KILLING_MODEL": str(self.place / "tiny"), "KILLING_PAUSE": str(self.pause_s)}

    def shown(self, home: Path) -> Any:
        files = [path for path in (home / "models").rglob("*") if path.is_file()]
        return listed(home), sorted((str(p.relative_to(home)), p.read_bytes()) for p in files)

    def after_kill(self, home: Path, said: bytes) -> None:
        super().after_kill(home, said)
        if self.shown(home) == self.made:  # it was killed when all was done: once more
            library = open_library(home, own_engine=False)
            library.remove_model("mine")
            library.close()
            shutil.rmtree(home / "models" / "mine")


@dataclass
class Preparing(WorkOnModels):
    """A model is measured, and a smaller graph of it made."""

    roles: tuple[str, ...] = (PREPARER, MAIN, ALL)
    model: Path = Path()

    def begin(self, home: Path) -> None:
        library = open_library(home, own_engine=False)
        library.add_model(str(self.model))
        library.close()

    def words(self, home: Path) -> tuple[str | Path, ...]:
        return "models", "measure", self.model.name

    def shown(self, home: Path) -> Any:
        """Return the kinds of files; a graph without a record that names it is a left-over."""
        prepared = home / "cache" / "prepared"
        records = [json.loads(path.read_bytes()) for path in prepared.glob("*/*.json")]
        named = {each["folder"] for each in records if each["files"]}
        graphs = {path.parent.name for path in prepared.rglob("*.onnx")}
        assert graphs == named
        return len(records)


@dataclass
class Trying(WorkOnModels):
    """A card is tried."""

    roles: tuple[str, ...] = (PROBE, MAIN, ALL)

    def begin(self, home: Path) -> None:
        super().begin(home)
        fake_runtime.write(home / "gpu", "slow")
        write_note(home / "gpu", Listing("1.26.0", 525, python_tag(), ()))
        fake_runtime.nvidia_smi(self.place / "bin", ("NVIDIA RTX 3060", "535.1"))

    def words(self, home: Path) -> tuple[str | Path, ...]:
        return "devices", "--try"

    def variables(self, home: Path) -> dict[str, str]:
        return {"PATH": f"{self.place / 'bin'}{os.pathsep}{os.environ['PATH']}"}

    def shown(self, home: Path) -> Any:
        """Return whether the card is known to work; what a killed trial is told of it is another
        matter: it is tried again when it is asked for."""
        file = home / "devices.json"
        verdicts = json.loads(file.read_bytes())["verdicts"] if file.exists() else []
        return [each["verdict"]["works"] for each in verdicts if each["verdict"]["works"]]


@dataclass
class Fetching(WorkOnModels):
    """The GPU pack is fetched by the package installer, and unpacked."""

    roles: tuple[str, ...] = (INSTALLER, MAIN, ALL)
    pack: dict[str, Any] = field(default_factory=dict)
    kept: dict[Path, dict[str, int]] = field(default_factory=lambda: defaultdict(dict))

    def begin(self, home: Path) -> None:
        super().begin(home)
        made = fake_pack.write(self.place / "wheels")
        wheels = [
            {name: getattr(each, name) for name in ("name", "version", "file", "bytes", "sha256")}
            for each in made.wheels
        ]
        self.pack = {"version": made.version, "driver": made.driver, "python": made.python}
        self.pack["wheels"] = wheels

    def words(self, home: Path) -> tuple[str | Path, ...]:
        return "gpu", "install"

    def variables(self, home: Path) -> dict[str, str]:
        return {
            "KILLING_PACK": json.dumps(self.pack),
            "PIP_NO_INDEX": "1",
            "PIP_FIND_LINKS": (self.place / "wheels").as_uri(),
        }

    def shown(self, home: Path) -> Any:
        pack = home / "gpu"
        return sorted(
            (str(path.relative_to(pack)), path.stat().st_size)
            for path in pack.rglob("*")
            if path.is_file() and "dist-info" not in path.parent.name
        )

    def after_kill(self, home: Path, said: bytes) -> None:
        """What was fetched whole stays for the next try, and is not fetched again."""
        super().after_kill(home, said)
        wheels = home / "gpu.part" / "wheels"
        now = (
            {p.name: p.stat().st_mtime_ns for p in wheels.glob("*.whl")} if wheels.exists() else {}
        )
        before = self.kept[home]
        again = [name for name, at in before.items() if name in now and now[name] != at]
        assert not again, "a whole wheel was fetched a second time"
        self.kept[home] = now
