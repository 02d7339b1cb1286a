"""A hub that means harm: addresses that are not safe, lists without end."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from hub_server import Hub

from photosearch.errors import ModelError
from photosearch.inference.hub import client

from .conftest import MODEL, World


@pytest.mark.parametrize(
    "address", ["file:///etc/passwd", "ftp://127.0.0.1/model.onnx", "data:,weights"]
)
def test_a_redirect_to_anything_but_http_is_refused(hub: Hub, world: World, address: str) -> None:
    hub.faults.sends_to = address
    with pytest.raises(ModelError, match=r"not safe|error 302"):
        world.get()
    assert not (world.folder / MODEL).exists()


def test_from_https_there_is_no_way_back(hub: Hub) -> None:
    client._refuse_unsafe("https", SimpleNamespace(scheme="https", host="cdn.example"))
    client._refuse_unsafe("http", SimpleNamespace(scheme="http", host="cdn.example"))
    with pytest.raises(ModelError, match="not safe"):
        client._refuse_unsafe("https", SimpleNamespace(scheme="http", host="cdn.example"))


def test_redirects_in_a_circle_end(hub: Hub, world: World) -> None:
    name = f"immich-app/{MODEL}"
    hub.faults.sends_to = f"{hub.url}/{name}/resolve/{hub.commit(name)}/visual/model.onnx"
    with pytest.raises(ModelError, match="without end"):
        world.get()


def test_a_list_without_end_is_given_up(
    hub: Hub, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "_MOST_JSON_BYTES", 1 << 20)
    hub.faults.endless_list = True
    with pytest.raises(ModelError, match="no list of files"):
        world.get()


def test_the_public_hub_is_asked_over_https(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HF_ENDPOINT", raising=False)
    assert client.endpoint() == "https://huggingface.co"
    for address in ("file:///models", "ftp://hub", "hub.example"):
        monkeypatch.setenv("HF_ENDPOINT", address)
        with pytest.raises(ModelError, match="no address of a hub"):
            client.endpoint()
