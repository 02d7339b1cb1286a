"""What a repository on the hub holds: every file with its size and the hash of its content."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from photosearch.errors import ModelError
from photosearch.inference.hub import client
from photosearch.inference.hub.patience import Patience, interruptible, steadily
from photosearch.inference.record import HubFile, is_inside
from photosearch.types import Check


@dataclass(frozen=True, slots=True)
class RepositoryListing:
    """The files of one repository at one commit."""

    repository: str
    commit: str
    files: tuple[HubFile, ...]


def list_files(
    repository: str, patience: Patience, check: Check, note: Callable[[str], None]
) -> RepositoryListing:
    """Ask the hub what a repository holds now; ModelError says why it cannot be known."""

    def attempt() -> RepositoryListing:
        return interruptible(lambda: _ask(repository, patience), check)

    return steadily(attempt, patience, patience.tries_at_first, check, note)


def _ask(repository: str, patience: Patience) -> RepositoryListing:
    client.hub_library()
    from huggingface_hub.hf_api import ModelInfo

    url = f"{client.endpoint()}/api/models/{repository}?blobs=true"
    try:
        told = client.read_json(url, patience, repository)
        return _listing(repository, ModelInfo(**told))  # type: ignore[no-untyped-call]
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise ModelError(
            f"{client.host()} answers with something that is no list of files of {repository}. "
            "Does a network's login page come in between?"
        ) from error
    except (client.transport_error(client.session()), OSError) as error:
        raise client.unreachable(error) from error


def _listing(repository: str, found: Any) -> RepositoryListing:
    """Return the files; those whose paths lead out of a folder are not even mentioned."""
    commit = found.sha
    if not isinstance(commit, str) or not commit.isalnum():
        raise ValueError("no commit")
    files = tuple(
        HubFile(
            repository=repository,
            path=each.rfilename,
            commit=commit,
            size=int(each.lfs.size if each.lfs else each.size),
            sha256=each.lfs.sha256 if each.lfs else "",
            blob="" if each.lfs else each.blob_id,
        )
        for each in found.siblings
        if is_inside(each.rfilename)
    )
    if any(not (file.sha256 or file.blob) or file.size < 0 for file in files):
        raise ValueError("a file without a hash")
    return RepositoryListing(repository, commit, files)
