"""Try a bundle on the system this runs on: it indexes, searches by content, and shows its window.

    PYTHON packaging/bundle/smoke.py dist/PhotoSearch

PYTHON is the one in the environment that `build.py` made. The photos and the model are made here,
of plain colours: what is tried is that everything is in the bundle, not how well it finds.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from PIL import Image

ROOT = Path(__file__).resolve().parents[2]
COLOURS = ("red", "green", "blue", "yellow", "cyan", "magenta", "black", "white", "orange", "brown")
WINDOW_S = 10


def main() -> None:
    sys.path.insert(0, str(ROOT / "tests"))
    from tiny_models import write

    bundle = Path(sys.argv[1]).resolve()
    ending = ".exe" if sys.platform == "win32" else ""
    with tempfile.TemporaryDirectory() as place:
        top = Path(place)
        photos = top / "photos"
        photos.mkdir()
        for number, colour in enumerate(COLOURS):
            Image.new("RGB", (64, 48), colour).save(photos / f"{number}.png")
        asked = top / "asked.png"
        Image.new("RGB", (64, 48), "orange").save(asked)

        def program(*arguments: str | Path) -> Any:
            command = [bundle / f"photosearch{ending}", *arguments, "--home", top / "home"]
            done = subprocess.run(
                [*command, "--json"], stdout=subprocess.PIPE, timeout=300, check=True
            )
            return json.loads(done.stdout.splitlines()[-1])

        program("models", "add", write(top / "model"))
        program("index", photos)
        best = program("search", "--like", asked)["results"][0]["path"]
        if Path(best).name != f"{COLOURS.index('orange')}.png":
            raise SystemExit(f"The photo like {asked.name} is not {best}.")
        show(bundle / f"photosearch-window{ending}", top / "home")
    print(f"{bundle}: works")


def show(program: Path, home: Path) -> None:
    """Open the window, and see that it stays open."""
    if sys.platform == "linux" and not os.environ.get("DISPLAY"):
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
    window = subprocess.Popen([program, "--home", home])
    try:
        code = window.wait(WINDOW_S)
    except subprocess.TimeoutExpired:
        return
    finally:
        window.kill()
        window.wait()
    raise SystemExit(f"The window ended with code {code}.")


if __name__ == "__main__":
    main()
