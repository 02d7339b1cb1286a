"""What an XMP packet asks for it does not get: no file, no address, no names without end.

Packets lie in a picture and beside one; a process of its own looks at them, whose interpreter
tells which files it opens and whom it calls.
"""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

SECRET = "zanzibar"
_LOOK = """
import json, os, sys, time
from photosearch.engine import decode
from photosearch.engine.requests import LookRequest

folder, told = os.fsencode(sys.argv[1]), []
def hook(event, arguments):
    if event == "open" and isinstance(arguments[0], (str, bytes)):
        told.append(os.fsdecode(arguments[0]))
    elif event.startswith(("socket.", "subprocess.", "urllib.", "os.exec", "os.posix_spawn")):
        told.append(event)
decode.look(LookRequest(os.path.join(folder, b"sound.jpg"), "sound.jpg", sidecar=True))
sys.addaudithook(hook)
found = {}
for name in sorted(os.listdir(folder)):
    if name.endswith(b".jpg"):
        del told[:]
        began = time.process_time()
        path = os.path.join(folder, name)
        reply = decode.look(LookRequest(path, os.fsdecode(name), sidecar=True))
        found[os.fsdecode(name)] = {
            "names": [each.name for each in reply.facts.regions] if reply.facts else None,
            "failure": reply.failure,
            "told": sorted(set(told)),
            "seconds": time.process_time() - began,
        }
print(json.dumps(found))
"""


def packet(name: str, before: str = "", inside: str = "") -> str:
    """Return a packet with one named face."""
    return (
        f'{before}<x:xmpmeta xmlns:x="adobe:ns:meta/" xmlns:xi="http://www.w3.org/2001/XInclude">'
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description'
        ' rdf:about="" xmlns:mwg-rs="http://www.metadataworkinggroup.com/schemas/regions/"'
        ' xmlns:stArea="http://ns.adobe.com/xmp/sType/Area#"'
        ' xmlns:stDim="http://ns.adobe.com/xap/1.0/sType/Dimensions#">'
        f'{inside}<mwg-rs:Regions rdf:parseType="Resource">'
        '<mwg-rs:AppliedToDimensions stDim:w="160" stDim:h="120"/><mwg-rs:RegionList><rdf:Bag>'
        f'<rdf:li rdf:parseType="Resource"><mwg-rs:Name>{name}</mwg-rs:Name>'
        '<mwg-rs:Type>Face</mwg-rs:Type><mwg-rs:Area stArea:x="0.5" stArea:y="0.5"'
        ' stArea:w="0.1" stArea:h="0.1"/></rdf:li></rdf:Bag></mwg-rs:RegionList></mwg-rs:Regions>'
        "</rdf:Description></rdf:RDF></x:xmpmeta>"
    )


def packets(secret: Path, address: str) -> dict[str, bytes]:
    """Return hostile packets by what they ask for."""
    file = secret.as_uri()
    grown = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
    rules = secret.with_name("rules.dtd").as_uri()
    texts = {
        "laughs": packet("&a9;", f'<!DOCTYPE x [<!ENTITY a0 "ha">{grown}]>'),
        "long-name-often": packet("&a;" * 20_000, f'<!DOCTYPE x [<!ENTITY a "{"ha" * 20_000}">]>'),
        "file": packet("&a;", f'<!DOCTYPE x [<!ENTITY a SYSTEM "{file}">]>'),
        "public-file": packet("&a;", f'<!DOCTYPE x [<!ENTITY a PUBLIC "-//A//B" "{file}">]>'),
        "address": packet("&a;", f'<!DOCTYPE x [<!ENTITY a SYSTEM "{address}/a">]>'),
        "parameter": packet("&a;", f'<!DOCTYPE x [<!ENTITY % b SYSTEM "{address}/b"> %b;]>'),
        "rules-file": packet("&a;", f'<!DOCTYPE x SYSTEM "{rules}">'),
        "rules-address": packet("&a;", f'<!DOCTYPE x SYSTEM "{address}/c">'),
        "share": packet("&a;", '<!DOCTYPE x [<!ENTITY a SYSTEM "\\\\127.0.0.1\\share\\a">]>'),
        "style": packet("Ann", f'<?xml-stylesheet href="{address}/d" type="text/xsl"?>'),
        "include": packet("Ann", inside=f'<xi:include href="{file}" parse="text"/>'),
        "schema": packet(
            "Ann",
            inside='<a xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
            f' xsi:schemaLocation="urn:a {address}/e"/>',
        ),
    }
    made = {name: text.encode() for name, text in texts.items()}
    for coding in ("utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-7"):
        made[f"file-{coding}"] = (
            f'<?xml version="1.0" encoding="{coding}"?>' + texts["file"]
        ).encode(coding)
    return made


@pytest.fixture(scope="module")
def secret(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("elsewhere")
    (place / "rules.dtd").write_text(f'<!ENTITY a "{SECRET}">')
    file = place / "secret.txt"
    file.write_text(SECRET)
    return file


@pytest.fixture(scope="module")
def ear() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        yield server


@pytest.fixture(scope="module")
def looked(
    tmp_path_factory: pytest.TempPathFactory, secret: Path, ear: socket.socket
) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("packets")
    blank = Image.new("RGB", (160, 120), "white")
    blank.save(folder / "sound.jpg", xmp=packet("Ann").encode())
    for name, data in packets(secret, f"http://127.0.0.1:{ear.getsockname()[1]}").items():
        blank.save(folder / f"{name}-beside.jpg")
        (folder / f"{name}-beside.jpg.xmp").write_bytes(data)
        if len(data) < 60_000:  # what one segment of a JPEG holds
            blank.save(folder / f"{name}-inside.jpg", xmp=data)
    done = subprocess.run(
        [sys.executable, "-c", _LOOK, str(folder)],
        capture_output=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert SECRET.encode() not in done.stdout
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_packets_that_ask_for_nothing_are_read(looked: dict[str, Any]) -> None:
    assert looked["sound.jpg"]["names"] == ["Ann"]
    for name in ("style", "include", "schema"):
        assert looked[f"{name}-beside.jpg"]["names"] == ["Ann"]
        assert looked[f"{name}-inside.jpg"]["names"] == ["Ann"]


def test_the_photo_itself_is_never_lost(looked: dict[str, Any]) -> None:
    assert len(looked) > 30
    for name, each in looked.items():
        assert each["failure"] == "", name
        assert each["names"] in ([], ["Ann"]), name
        assert each["seconds"] < 2, name


def test_no_file_is_opened_but_the_photo_and_what_lies_beside(looked: dict[str, Any]) -> None:
    for name, each in looked.items():
        beside = {f"{name}.xmp", f"{name}.XMP", f"{Path(name).stem}.xmp", f"{Path(name).stem}.XMP"}
        opened = {Path(told).name for told in each["told"]}
        assert opened <= {name, *beside}, name
        assert name in opened, "whoever opens files is seen"


def test_nobody_is_called(looked: dict[str, Any], ear: socket.socket) -> None:
    assert not [event for each in looked.values() for event in each["told"] if "socket" in event]
    with pytest.raises(TimeoutError):
        ear.accept()
