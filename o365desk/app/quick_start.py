"""What makes the start faster, before anything else of the program is imported."""

import gc
import sys
from typing import Any

import PySide6.QtCore  # noqa: F401 - what is changed below comes with it


def prepare() -> None:
    """Called once, first of all."""
    # Start-up makes a hundred thousand objects that stay; app/garbage.py collects from then on.
    gc.disable()
    # PySide reads the source of every module that is imported from now on, and keeps it, only to
    # learn whether the module may choose features of PySide. None does:
    # https://doc.qt.io/qtforpython-6/developer/feature-motivation.html
    features: Any = sys.modules.get("shibokensupport.feature")
    if hasattr(features, "_mod_uses_pyside"):
        features._mod_uses_pyside = lambda module: True
