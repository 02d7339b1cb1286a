"""A small hub on loopback, as the real one answers: listings, files, redirects to a store.

Serves folders as repositories: `/api/models/NAME[/revision/REV]`, `/NAME/resolve/COMMIT/FILE`.
Large files (`.onnx`, weights) are "LFS": the hub redirects to a store on another port.  Faults are
switched on one by one.  Nothing else is served, and everything that is asked is noted.
"""

from __future__ import annotations

import hashlib
import json
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit

_CHUNK = 1 << 14


@dataclass(frozen=True)
class Asked:
    """One request as it arrived."""

    method: str
    path: str
    range: str
    token: str
    store: bool  # at the store, not at the hub itself


@dataclass
class Faults:
    """What goes wrong; files are named by the end of their path."""

    cut: dict[str, list[int]] = field(default_factory=dict)  # bytes after which, one an answer
    wrong: dict[str, int] = field(default_factory=dict)  # answers yet to be spoiled
    busy: list[tuple[int, dict[str, str]]] = field(default_factory=list)  # answers before good ones
    missing: set[str] = field(default_factory=set)
    refuse: tuple[int, dict[str, str]] | None = None  # everything, as for a gated repository
    chunk_s: float = 0.0  # a slow link: pause after each chunk
    silent_after: int | None = None  # no more bytes after so many, but no end either
    no_ranges: bool = False
    login_page: bool = False
    sends_to: str = ""  # where large files are said to be, instead of in the store
    endless_list: bool = False


class Hub:
    """Repositories by name; `files` of one may be changed while it is served."""

    def __init__(self) -> None:
        self.repositories: dict[str, dict[str, bytes]] = {}
        self.faults = Faults()
        self.asked: list[Asked] = []
        self.served: dict[str, int] = {}  # bytes of each file that went out
        self.silence = threading.Event()  # set at the end: whoever is silent may leave
        self.told = threading.Condition()
        self._servers = [_server(self, store=False), _server(self, store=True)]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._servers[0].server_port}"

    @property
    def store_url(self) -> str:
        return f"http://127.0.0.1:{self._servers[1].server_port}"

    def add(
        self, name: str, folder: Path, rename: Callable[[str], str] = lambda path: path
    ) -> None:
        """Serve the files of a folder."""
        self.repositories[name] = {
            rename(path.relative_to(folder).as_posix()): path.read_bytes()
            for path in sorted(folder.rglob("*"))
            if path.is_file()
        }

    def commit(self, name: str) -> str:
        """Return the commit of a repository: it changes with its files."""
        total = hashlib.sha1()
        for path, content in sorted(self.repositories[name].items()):
            total.update(path.encode() + hashlib.sha256(content).digest())
        return total.hexdigest()

    def wait_for(self, path: str, count: int, timeout_s: float = 60) -> None:
        """Wait until so many bytes of a file have gone out."""
        with self.told:
            good = self.told.wait_for(lambda: self.served.get(path, 0) >= count, timeout_s)
        assert good, f"{self.served}"

    def start(self) -> None:
        for server in self._servers:
            threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()

    def stop(self) -> None:
        self.silence.set()
        for server in self._servers:
            server.shutdown()
            server.server_close()


@contextmanager
def running() -> Iterator[Hub]:
    """Start a hub and stop it at the end."""
    hub = Hub()
    hub.start()
    try:
        yield hub
    finally:
        hub.stop()


def is_lfs(path: str) -> bool:
    return not path.endswith((".json", ".md", ".txt", ".py"))


def blob(content: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    hub: Hub
    store: bool

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that went away is no news."""


def _server(hub: Hub, *, store: bool) -> _Server:
    server = _Server(("127.0.0.1", 0), _Handler)
    server.hub, server.store = hub, store
    return server


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing: `asked` has it."""

    def do_HEAD(self) -> None:
        self._answer()

    def do_GET(self) -> None:
        self._answer()

    def _answer(self) -> None:
        hub, path = self.server.hub, unquote(urlsplit(self.path).path)
        hub.asked.append(
            Asked(
                self.command,
                self.path,
                self.headers.get("Range", ""),
                self.headers.get("Authorization", ""),
                self.server.store,
            )
        )
        if self.server.store:
            name, file = path.removeprefix("/blobs/").split("/-/")
            self._file(file, hub.repositories[name][file])
            return
        if hub.faults.login_page:
            self._say(200, {"Content-Type": "text/html"}, b"<html>Log in</html>")
        elif hub.faults.refuse is not None:
            status, headers = hub.faults.refuse
            self._say(status, headers)
        elif hub.faults.busy:
            status, headers = hub.faults.busy.pop(0)
            self._say(status, headers)
        elif found := re.fullmatch(r"/api/models/([^/]+/[^/]+)(?:/revision/[^/]+)?", path):
            self._listing(found[1])
        elif found := re.fullmatch(r"/([^/]+/[^/]+)/resolve/([^/]+)/(.+)", path):
            self._resolve(*found.groups())
        else:
            self._say(404, {})

    def _listing(self, name: str) -> None:
        hub = self.server.hub
        if name not in hub.repositories:
            self._say(404, {"X-Error-Code": "RepoNotFound"})
            return
        siblings = []
        for path, content in hub.repositories[name].items():
            each: dict[str, object] = {"rfilename": path, "size": len(content)}
            if is_lfs(path):
                sha256 = hashlib.sha256(content).hexdigest()
                each["lfs"] = {"size": len(content), "sha256": sha256, "pointerSize": 134}
                each["blobId"] = blob(b"version https://git-lfs.github.com/spec/v1")
            else:
                each["blobId"] = blob(content)
            siblings.append(each)
        if hub.faults.endless_list:
            self._endless()
            return
        body = json.dumps({"id": name, "sha": hub.commit(name), "siblings": siblings}).encode()
        self._say(200, {"Content-Type": "application/json"}, body)

    def _endless(self) -> None:
        self._head(200, {"Content-Type": "application/json", "Connection": "close"})
        try:
            while not self.server.hub.silence.is_set():
                self.wfile.write(b" " * _CHUNK)
        except OSError:  # the other side has had enough
            self.close_connection = True

    def _resolve(self, name: str, commit: str, file: str) -> None:
        hub = self.server.hub
        content = hub.repositories.get(name, {}).get(file)
        if content is None or file in hub.faults.missing or commit != hub.commit(name):
            self._say(404, {"X-Error-Code": "EntryNotFound"})
        elif is_lfs(file):
            where = hub.faults.sends_to or f"{hub.store_url}/blobs/{name}/-/{file}"
            self._say(302, {"Location": where, "X-Linked-Etag": '"x"'})
        else:
            self._file(file, content)

    def _file(self, path: str, content: bytes) -> None:
        hub, start, status = self.server.hub, 0, 200
        headers = {"ETag": f'"{blob(content)}"', "Accept-Ranges": "bytes"}
        asked = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
        if asked and not hub.faults.no_ranges:
            start, status = int(asked[1]), 206
            if start >= len(content):
                self._say(416, {"Content-Range": f"bytes */{len(content)}"})
                return
            headers["Content-Range"] = f"bytes {start}-{len(content) - 1}/{len(content)}"
        if hub.faults.wrong.get(path, 0):
            hub.faults.wrong[path] -= 1
            content = bytes(byte ^ 255 for byte in content[:64]) + content[64:]
        headers["Content-Length"] = str(len(content) - start)
        self._head(status, headers)
        if self.command == "GET":
            self._body(path, content[start:])

    def _body(self, path: str, content: bytes) -> None:
        hub = self.server.hub
        cuts = hub.faults.cut.get(path)
        end = cuts.pop(0) if cuts else len(content)
        for at in range(0, min(end, len(content)), _CHUNK):
            piece = content[at : min(at + _CHUNK, end)]
            self.wfile.write(piece)
            with hub.told:
                hub.served[path] = hub.served.get(path, 0) + len(piece)
                hub.told.notify_all()
            if hub.faults.chunk_s:
                hub.silence.wait(hub.faults.chunk_s)
            if hub.faults.silent_after is not None and at >= hub.faults.silent_after:
                hub.silence.wait(60)
        if end < len(content):
            self.close_connection = True
            self.wfile.flush()
            self.connection.close()

    def _say(self, status: int, headers: dict[str, str], body: bytes = b"") -> None:
        self._head(status, headers | {"Content-Length": str(len(body))})
        if self.command == "GET":
            self.wfile.write(body)

    def _head(self, status: int, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
