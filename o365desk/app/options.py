"""The command line."""

import argparse
import json
from dataclasses import dataclass
from pathlib import Path

from o365desk import __version__


@dataclass(frozen=True, slots=True)
class Options:
    """What was asked for on the command line."""

    direct: bool = False
    """The administrator of one organisation instead of a reseller."""
    tenant: str = ""
    """Customer to open first: id, domain or name."""
    server: str = ""
    """Address of a practice directory that runs on its own; empty for the one inside."""
    theme: str = "system"
    tour: Path | None = None
    screenshot: Path | None = None
    settings: Path | None = None
    """Settings file; None for the usual place."""
    faults: Path | None = None


def parse(arguments: list[str]) -> Options | int:
    """Reads the command line; an int is the exit status of a run that has nothing more to do."""
    parser = argparse.ArgumentParser(
        prog="o365desk",
        description="Manage the Office 365 users and licenses of many organizations.",
    )
    parser.add_argument("--version", action="version", version=f"o365desk {__version__}")
    parser.add_argument(
        "--demo",
        nargs="?",
        const="reseller",
        choices=("reseller", "direct"),
        help="work on the practice directory, as a reseller (the default) or as the "
        "administrator of one organization; nothing reaches Microsoft",
    )
    parser.add_argument("--tenant", default="", help="customer to open: id, domain or name")
    parser.add_argument(
        "--server",
        default="",
        metavar="URL",
        help="use the practice directory at URL (started with python -m o365desk.simulator)",
    )
    parser.add_argument("--theme", choices=("system", "light", "dark"), default="system")
    parser.add_argument(
        "--faults", type=Path, metavar="FILE", help="faults the practice directory shall show"
    )
    parser.add_argument("--settings", type=Path, metavar="FILE", help="settings file to use")
    parser.add_argument(
        "--tour",
        type=Path,
        metavar="FOLDER",
        help="walk through the main job by itself, writing pictures and a transcript there",
    )
    parser.add_argument(
        "--screenshot", type=Path, metavar="FILE", help="write a picture of the window, and end"
    )
    try:
        found = parser.parse_args(arguments)
    except SystemExit as ended:
        return int(ended.code or 0)
    if found.faults is not None:
        try:
            json.loads(found.faults.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            print(f"o365desk: {found.faults} is not a file of faults in JSON.")  # noqa: T201
            return 2
    if found.demo is None and not found.server:
        parser.print_usage()
        print(  # noqa: T201
            "This version works on the practice directory: start it with --demo.\n"
            "Signing in to Microsoft comes with the next one."
        )
        return 2
    return Options(
        direct=found.demo == "direct",
        tenant=found.tenant,
        server=found.server,
        theme=found.theme,
        tour=found.tour,
        screenshot=found.screenshot,
        settings=found.settings,
        faults=found.faults,
    )
