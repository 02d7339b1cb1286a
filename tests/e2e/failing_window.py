"""The program with a fault in a slot of its own, to see what its window makes of it.

Arguments as for the program. Fails once there is a window, with the path in the environment.
"""

from __future__ import annotations

import os
import sys

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QMainWindow

from photosearch.__main__ import main

app = QApplication(["photosearch"])
timer = QTimer(interval=100)


def fail() -> None:
    """A slot with a fault."""
    if any(isinstance(each, QMainWindow) and each.isVisible() for each in app.topLevelWidgets()):
        timer.stop()
        raise FileNotFoundError(2, "No such file", os.environ["FAILING_PATH"])


timer.timeout.connect(fail)
timer.start()
sys.exit(main())
