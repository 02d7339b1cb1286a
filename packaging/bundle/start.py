"""Where a bundle begins: what its launcher has changed is put back, then the program runs.

Known from source by `photosearch.__main__`; only a bundle needs what is here.
"""

from __future__ import annotations

import io
import os
import sys


def main() -> int:
    """Run the program of a bundle and return its exit code."""
    give_back_library_path()
    if "--multiprocessing-fork" in sys.argv or "-c" in sys.argv[1:2]:
        import multiprocessing

        multiprocessing.freeze_support()  # a library's own children; it ends there
    from photosearch.__main__ import main as run

    if sys.stderr is not None:
        return run()
    return without_console(run)


def give_back_library_path() -> None:
    """Let programs that PhotoSearch starts, as a file manager, use the system's own libraries.

    The launcher points LD_LIBRARY_PATH at the bundle and keeps the user's value beside it; this
    process has read it already. Children of our own are told to point it there again.
    """
    os.environ["PYINSTALLER_RESET_ENVIRONMENT"] = "1"
    for name in ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH"):
        users = os.environ.pop(f"{name}_ORIG", "")
        if users:
            os.environ[name] = users
        else:
            os.environ.pop(name, None)


def without_console(run: object) -> int:
    """Run where nothing can be printed, as in Windows' window program; show why it ends."""
    said = io.StringIO()
    sys.stdout = sys.stderr = said
    code = run()  # type: ignore[operator]
    if code:
        show(said.getvalue().strip() or f"PhotoSearch ended with code {code}.")
    return code


def show(message: str) -> None:
    """Show a message in a box of the system's own: Qt may be what does not work."""
    import ctypes

    ctypes.windll.user32.MessageBoxW(None, message, "PhotoSearch", 0x10)  # type: ignore[attr-defined]


if __name__ == "__main__":
    sys.exit(main())
