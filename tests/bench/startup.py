"""How long starting takes: help, one search, the core's import, and the window's first paint.

The floor is the interpreter itself doing nothing. The window is measured on an Xvfb of its own,
from starting the process to the first paint of the main window, with an empty library and with
one of 10,000 photos; its floor is a bare Qt window, measured the same way.

    python -m tests.bench.startup
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from photosearch.paths import Paths
from photosearch.store import Store
from tests.bench import filling, measure

PHOTOS = 10_000
WINDOW_TIMEOUT_S = 60

# Both tell the first paint of a window and end there and then.
WATCH = """
import os, sys
from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QApplication, QMainWindow
class Watch(QObject):
    def eventFilter(self, receiver, event):
        if event.type() == QEvent.Type.Paint and isinstance(receiver, QMainWindow):
            os.write(1, b"painted")
            os._exit(0)
        return False
app = QApplication(sys.argv[:1])
watch = Watch()
app.installEventFilter(watch)
"""
BARE_WINDOW = WATCH + "window = QMainWindow(); window.show(); app.exec()"
OUR_WINDOW = WATCH + "from photosearch.__main__ import open_window; open_window(None, {}, [])"


def python(*arguments: str, environment: Mapping[str, str] | None = None) -> float:
    """Return the seconds one Python process takes; a failure ends the measurement."""

    def run() -> None:
        subprocess.run(
            [sys.executable, *arguments],
            cwd=measure.REPOSITORY,
            env={**os.environ, **(environment or {})},
            stdout=subprocess.DEVNULL,
            timeout=WINDOW_TIMEOUT_S,
            check=True,
        )

    return measure.timed(run)


@contextmanager
def screen() -> Iterator[dict[str, str] | None]:
    """Run an Xvfb and yield the environment for it, None where there is none."""
    if shutil.which("Xvfb") is None:
        yield None
        return
    reader, writer = os.pipe()
    command = [
        "Xvfb",
        "-displayfd",
        str(writer),
        "-screen",
        "0",
        "1600x1000x24",
        "-nolisten",
        "tcp",
        "-noreset",
    ]
    server = subprocess.Popen(command, pass_fds=[writer], stderr=subprocess.DEVNULL)
    os.close(writer)
    try:
        with os.fdopen(reader) as stream:
            number = stream.readline().strip()
        yield {"DISPLAY": f":{number}", "QT_QPA_PLATFORM": "xcb"}
    finally:
        server.terminate()
        server.wait()


def filled(work: Path, model: Path | None) -> Path:
    """Return a home whose library has photos with vectors."""
    home = measure.own_folder(work, "startup-filled")
    store = Store.open(Paths.below(home).database)
    filling.add_files(store, home / "photos", filling.listings(PHOTOS), "bench")
    store.close()
    if model is not None:
        measure.program("models", "add", str(model), home=home)
    return home


def add_vectors(home: Path) -> None:
    """Give the photos of a library vectors of the model it uses."""
    import json

    listed = measure.program("models", "list", "--json", home=home).stdout
    (model,) = json.loads(listed)["models"]
    store = Store.open(Paths.below(home).database)
    number = store.embeddings.model_id(model["key"], model["name"], model["dimension"])
    filling.add_vectors(store, number, model["dimension"], PHOTOS)
    store.close()


def main() -> None:
    given = measure.parser(__doc__)
    told = given.parse_args()
    measure.compiled()
    model = measure.random_model(told.work, int8=False)
    home, empty = filled(told.work, model), measure.own_folder(told.work, "startup-empty")
    add_vectors(home)
    beside = {"PHOTOSEARCH_HOME": str(home)}

    def medians(*arguments: str, environment: Mapping[str, str] | None = None) -> float:
        python(*arguments, environment=environment)  # the first reads the disk
        return measure.median(told.repeat, lambda: python(*arguments, environment=environment))

    measure.say("starting processes")
    floor = medians("-c", "pass")
    search = ("-m", "photosearch", "search", "a red dog on the beach")
    rows: list[tuple[str, float, float]] = [
        ("floor: Python doing nothing", floor, floor),
        ("`import photosearch.library`", medians("-c", "import photosearch.library"), floor),
        ("`photosearch --help`", medians("-m", "photosearch", "--help"), floor),
        ("`photosearch status`", medians("-m", "photosearch", "status", environment=beside), floor),
        (f"`photosearch search`, {PHOTOS:,} photos", medians(*search, environment=beside), floor),
    ]
    with screen() as shown:
        if shown is None:
            measure.say("no Xvfb here: the window is left out")
        else:
            measure.say("starting windows")
            bare = medians("-c", BARE_WINDOW, environment=shown)
            nothing = {**shown, "PHOTOSEARCH_HOME": str(empty)}
            rows += [
                ("floor of the window: a bare Qt window, first paint", bare, bare),
                (
                    "the window, empty library, first paint",
                    medians("-c", OUR_WINDOW, environment=nothing),
                    bare,
                ),
                (
                    f"the window, {PHOTOS:,} photos, first paint",
                    medians("-c", OUR_WINDOW, environment={**shown, **beside}),
                    bare,
                ),
            ]
    for folder in (home, empty):
        shutil.rmtree(folder, ignore_errors=True)
    measure.print_table(
        "Starting, ViT-B/32 fp32",
        ["what", "ms", "of its floor"],
        [[what, f"{took * 1000:.0f}", f"{took / beside_:.1f}"] for what, took, beside_ in rows],
    )


if __name__ == "__main__":
    main()
