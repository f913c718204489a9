"""Starts the program: `python -m o365desk`."""

import sys


def main() -> int:
    """Entry point of the command `o365desk`; answers its exit status."""
    from o365desk.app.quick_start import prepare

    prepare()
    from o365desk.app.main import run

    return run(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
