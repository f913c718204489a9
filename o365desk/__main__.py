"""Starts the program: `python -m o365desk`."""

import gc
import sys


def main() -> int:
    """Entry point of the command `o365desk`; answers its exit status."""
    # Start-up makes a hundred thousand objects that stay; app/garbage.py collects from then on.
    gc.disable()
    from o365desk.app.main import run

    return run(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
