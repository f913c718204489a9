"""The figures of the README, measured: `python -m tests.bench`, or `make bench`."""

import os

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
