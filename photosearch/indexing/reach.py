"""Whether a folder lies on a drive of another computer: of changes there the system does not tell,
and the library cannot lie there."""

from __future__ import annotations

import os

from photosearch.errors import UsageError
from photosearch.paths import SHARE_VARIABLE, Paths

_NETWORK = frozenset(
    (
        *("9p", "afpfs", "afs", "ceph", "cifs", "davfs", "drvfs", "fuse.davfs2", "fuse.glusterfs"),
        *("fuse.rclone", "fuse.sshfs", "glusterfs", "lustre", "ncpfs", "nfs", "nfs4", "smb"),
        *("smb2", "smb3", "smbfs", "webdav"),
    )
)


# Also used for folders of the host in virtual machines: there a library does work.
_PERHAPS_LOCAL = frozenset(("9p", "drvfs"))


def on_network(path: str) -> bool:
    """Tell whether a folder lies on a drive of another computer; False where nobody knows."""
    return _kind(path) in _NETWORK


def refuses_library(path: str) -> bool:
    """Tell whether a library cannot lie in a folder: several programs share the log of its file
    through memory, which drives of other computers do not have, and lose what was written."""
    return _kind(path) in _NETWORK - _PERHAPS_LOCAL


def refuse_share(paths: Paths) -> None:
    """Raise where the library would lie on a drive of another computer, which loses it."""
    if os.environ.get(SHARE_VARIABLE):
        return
    for folder in (paths.data, paths.cache):
        if refuses_library(str(folder)):
            raise UsageError(
                f"PhotoSearch cannot keep its library in {folder}: that is a network share, on "
                "which it would be damaged sooner or later. Choose a folder on this computer with "
                "--home; photos may lie on a share."
            )


def _kind(path: str) -> str:
    """Return the file system of a folder, "" where nobody knows."""
    if path.startswith("\\\\"):
        return "smb"
    import psutil

    try:
        mounts = psutil.disk_partitions(all=True)
    except (OSError, RuntimeError):
        return ""
    real = os.path.realpath(path)
    around = [
        mount
        for mount in mounts
        if real == mount.mountpoint or real.startswith(os.path.join(mount.mountpoint, ""))
    ]
    if not around:
        return ""
    nearest = max(around, key=lambda mount: len(mount.mountpoint))
    return "smb" if "remote" in nearest.opts.split(",") else str(nearest.fstype).lower()
