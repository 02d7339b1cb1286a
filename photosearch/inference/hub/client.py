"""The one door to the hub: its address, the HTTP client, and what an answer means in words.

Reads the environment at the time of the call (`HF_ENDPOINT`); proxies, tokens and offline mode
are the library's business.  Its telemetry is off.
"""

from __future__ import annotations

import email.utils
import importlib
import os
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote, urlsplit

from photosearch import __version__
from photosearch.errors import ModelError
from photosearch.inference.hub.patience import Patience, Setback
from photosearch.inference.record import HubFile
from photosearch.outside import json_value

_HUB = "https://huggingface.co"
_MOST_REDIRECTS = 6
_MOST_JSON_BYTES = 16 << 20  # a listing of 20,000 files has about 6 MB
_PASSING = (408, 429, 500, 502, 503, 504)
_QUIET = {"HF_HUB_DISABLE_TELEMETRY": "1", "HF_HUB_DISABLE_PROGRESS_BARS": "1"}


def hub_library() -> Any:
    """Return the module `huggingface_hub`, silenced; ModelError when it must stay offline."""
    for name, value in _QUIET.items():  # it reads them once, while it is imported
        os.environ.setdefault(name, value)
    import huggingface_hub
    from huggingface_hub import constants

    if constants.HF_HUB_OFFLINE:
        raise ModelError(
            "Downloads are switched off by HF_HUB_OFFLINE in the environment. Unset it, or add "
            "the model from a folder or a ZIP file."
        )
    return huggingface_hub


def endpoint() -> str:
    """Return where the hub is: `HF_ENDPOINT`, or the public one."""
    address = (os.environ.get("HF_ENDPOINT") or _HUB).rstrip("/")
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise ModelError(f"HF_ENDPOINT is “{address}”, which is no address of a hub.")
    return address


def host() -> str:
    """Return the hub's name for people."""
    return urlsplit(endpoint()).netloc.rpartition("@")[2]


def session() -> Any:
    """Return the HTTP client that the library uses itself (httpx, or its successor)."""
    return _tools().get_session()


def headers() -> dict[str, str]:
    """Return what identifies us to the hub: program, and the user's token if there is one."""
    found: dict[str, str] = _tools().build_hf_headers(
        library_name="photosearch", library_version=__version__
    )
    return found


@contextmanager
def answered(
    url: str, fields: Mapping[str, str], patience: Patience, client: Any = None
) -> Iterator[Any]:
    """Ask for a URL and lend the answer, whose body is not read yet; follow where it leads.

    ModelError where it leads to something less safe than what was asked for. The client itself
    takes the user's token out of what goes to another host.
    """
    client = client or session()
    request = client.build_request("GET", url, headers=dict(fields), timeout=timeouts(patience))
    for _ in range(_MOST_REDIRECTS):
        answer = client.send(request, stream=True, follow_redirects=False)
        try:
            following = answer.next_request if answer.is_redirect else None
            if following is None:
                yield answer
                return
        finally:
            answer.close()
        _refuse_unsafe(request.url.scheme, following.url)
        request = following
    raise ModelError(f"{host()} sends from one address to the next without end.")


def _refuse_unsafe(before: str, target: Any) -> None:
    allowed = ("https",) if before == "https" else ("http", "https")
    if target.scheme not in allowed:
        raise ModelError(
            f"{host()} sends to an address that is not safe ({target.scheme}://{target.host}): "
            "nothing was fetched from there."
        )


def read_json(url: str, patience: Patience, whose: str) -> Any:
    """Return the JSON value at a URL; ValueError when it is none, or larger than any can be."""
    with answered(url, headers(), patience) as answer:
        if answer.status_code != 200:
            raise refused(answer.status_code, answer.headers, whose)
        data = bytearray()
        for chunk in answer.iter_bytes():
            data += chunk
            if len(data) > _MOST_JSON_BYTES:
                raise ValueError(f"more than {_MOST_JSON_BYTES} bytes")
    return json_value(bytes(data))


def _tools() -> Any:
    hub_library()
    return importlib.import_module("huggingface_hub.utils")


def address(file: HubFile) -> str:
    """Return where a file can be fetched: at its commit, so that it cannot change."""
    return f"{endpoint()}/{file.repository}/resolve/{file.commit}/{quote(file.path)}"


def timeouts(patience: Patience) -> tuple[float, float, float, float]:
    """Return how long to wait for connecting, reading, writing, and a free connection."""
    return patience.connect_s, patience.read_s, patience.read_s, patience.connect_s


def transport_error(client: Any) -> type[Exception]:
    """Return what the HTTP client raises when the network fails, whichever client it is."""
    module = sys.modules[type(client).__module__.partition(".")[0]]
    kind: type[Exception] = module.HTTPError
    return kind


def unreachable(error: BaseException) -> Setback:
    """Return the setback of a network that does not answer."""
    detail = f" ({error})" if str(error) else ""
    return Setback(f"{host()} cannot be reached{detail}.")


def refused(status: int, fields: Mapping[str, str], repository: str, path: str = "") -> Exception:
    """Return what an answer other than the wanted one means: a Setback, or ModelError."""
    where = f"{repository}/{path}" if path else repository
    if status in _PASSING:
        asked = wanted_pause(fields)
        if status == 429 or asked is not None:
            return Setback(f"{host()} asks to wait.", asked)
        return Setback(f"{host()} has a fault at the moment (error {status}).")
    if status in (401, 403):
        gated = fields.get("x-error-code") == "GatedRepo"
        page = f"{endpoint()}/{repository}"
        if gated:
            return ModelError(
                f"{repository} is only for people who have accepted its terms: open {page}, accept "
                "them there, and set HF_TOKEN to a token of your account."
            )
        return ModelError(
            f"{host()} refuses {repository}: it does not exist, or only some may read it. If it is "
            "yours, set HF_TOKEN to a token of your account."
        )
    if status in (404, 410):
        return ModelError(f"There is no {where} on {host()} (any more).")
    return ModelError(f"{host()} does not give {where}: it answers with error {status}.")


def wanted_pause(fields: Mapping[str, str]) -> float | None:
    """Return how many seconds `Retry-After` asks for, given as a number or as a date."""
    value = fields.get("retry-after", "").strip()
    if value.isdigit():
        return float(value)
    try:
        moment = email.utils.parsedate_to_datetime(value)
    except (ValueError, TypeError):
        return None
    return max(0.0, moment.timestamp() - time.time())
