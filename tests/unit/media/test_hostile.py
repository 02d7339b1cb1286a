"""Every file of the collection opens or is refused with a sentence, in bounded memory and time."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

import photosearch

# Runs in a process of its own: a crash in a C library would take the tests along.
PROBE = """
import collections, json, os, resource, sys, time
resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))
from photosearch.errors import MediaError
from photosearch.media.decode import open_picture
from photosearch.media.metadata import read_facts
from photosearch.media.photo_thumbs import make_thumbnail

count, odd, slow = collections.Counter(), [], []
for folder, folders, names in os.walk(os.fsencode(sys.argv[1])):
    for name in names:
        path = os.path.join(folder, name)
        with open(path, "rb") as file:
            data = file.read()
        for wish in ({"short_side_px": 360}, {"within_px": 512}, {}):
            started = time.monotonic()
            try:
                picture = open_picture(data, **wish)
                read_facts(picture, os.fsdecode(name), 0)
                make_thumbnail(picture.image)
                outcome = "opened"
            except MediaError as error:
                outcome = "refused"
                text = str(error)
                if not text.endswith(".") or not text[0].isupper() or "\\n" in text:
                    odd.append((repr(path), text))
            except BaseException as error:
                outcome = "escaped"
                odd.append((repr(path), repr(error)))
            if time.monotonic() - started > 10:
                slow.append(repr(path))
        count[outcome] += 1
print(json.dumps({"count": count, "odd": odd, "slow": slow}))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="memory limits are POSIX")
@pytest.mark.parametrize(
    ("part", "opened"), [("broken", 70), ("edge", 20), ("formats", 255), ("video", 0)]
)
def test_opens_or_is_refused(photos: Path, part: str, opened: int) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROBE, str(photos / part)],
        cwd=Path(photosearch.__file__).parent.parent,
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    assert done.returncode == 0, (done.returncode, done.stderr[-2000:])
    result = json.loads(done.stdout)
    assert result["odd"] == [], result["count"]
    assert result["slow"] == [], result["count"]
    assert result["count"].get("opened", 0) >= opened, result["count"]
    assert result["count"].get("refused", 0) > 0, result["count"]
