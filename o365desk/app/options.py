"""The command line."""

import argparse
import json
import sys
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from pathlib import Path
from typing import Any

from o365desk import __version__


class ExitStatus(IntEnum):
    """How a run ended, for scripts and schedulers."""

    DONE = 0
    SOME_FAILED = 1
    """Some customers were read, others not; or a tour did not see all it should."""
    BAD_USAGE = 2
    SIGN_IN = 3
    """Somebody has to sign in at the window first."""
    FAILED = 4
    """Nothing could be read or written."""


class Command(StrEnum):
    """What is to be done."""

    WINDOW = "window"
    SYNC = "sync"
    EXPORT = "export"


class Table(StrEnum):
    """What can be exported."""

    USERS = "users"
    LICENSES = "licenses"


class Form(StrEnum):
    """What an export is written as."""

    CSV = "csv"
    XLSX = "xlsx"


@dataclass(frozen=True, slots=True)
class Options:
    """What was asked for on the command line."""

    command: Command = Command.WINDOW
    demo: str = ""
    """"reseller", "direct" or "sign-in" for the practice directory; empty for Microsoft."""
    connection: str = ""
    """Connection to open: id or name; empty for the one opened last."""
    config: Path | None = None
    """Folder of a profile of its own; None for the usual one."""
    offline: bool = False
    tenant: str = ""
    """Customer to open first: id, domain or name."""
    server: str = ""
    """Address of a practice directory that runs on its own; empty for the one inside."""
    theme: str = "system"
    tour: Path | None = None
    screenshot: Path | None = None
    faults: Path | None = None
    tenants: tuple[str, ...] = ()
    """Of sync and export: customers by id, domain or name; none for all."""
    table: Table = Table.USERS
    output: Path | None = None
    """Where an export goes; None for standard output."""
    form: Form = Form.CSV

    @property
    def direct(self) -> bool:
        return self.demo == "direct"

    @property
    def scripted(self) -> bool:
        """A tour or a picture starts from scratch and leaves nothing behind."""
        return self.tour is not None or self.screenshot is not None


_EXIT_STATUSES = """\
exit status:
  0  done
  1  some customers could not be read (sync, export), or a tour did not see all it should
  2  the command line makes no sense
  3  somebody has to sign in at the window first (sync, export)
  4  nothing could be read, written or kept
"""


def parse(arguments: list[str]) -> Options | int:
    """Reads the command line; an int is the exit status of a run that has nothing more to do."""
    try:
        found = _parser().parse_args(arguments)
    except SystemExit as ended:
        return int(ended.code or 0)
    faults: Path | None = found.faults
    if faults is not None:
        try:
            json.loads(faults.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            complain(f"{faults} is not a file of faults in JSON.")
            return ExitStatus.BAD_USAGE
    output: Path | None = getattr(found, "output", None)
    form = getattr(found, "form", None) or _form_of(output)
    tenants = tuple(getattr(found, "tenants", None) or ())
    if found.command and found.tenant:
        tenants = (found.tenant, *tenants)  # it stood before the command, and means the same
    return Options(
        command=Command(found.command or Command.WINDOW),
        demo=found.demo or ("reseller" if found.server else ""),
        connection=found.connection,
        config=found.config,
        offline=found.offline,
        tenant="" if found.command else found.tenant,
        server=found.server,
        theme=found.theme,
        tour=found.tour,
        screenshot=found.screenshot,
        faults=faults,
        tenants=tenants,
        table=Table(getattr(found, "table", Table.USERS)),
        output=output,
        form=Form(form),
    )


def _form_of(output: Path | None) -> Form:
    """What the name of a file asks for."""
    return Form.XLSX if output is not None and output.suffix.casefold() == ".xlsx" else Form.CSV


def complain(about: str) -> None:
    """A command line that makes no sense; never on standard output, which a file may take."""
    print(f"o365desk: {about}", file=sys.stderr)  # noqa: T201


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="o365desk",
        description="Manage the Office 365 users and licenses of many organizations.",
        epilog=_EXIT_STATUSES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"o365desk {__version__}")
    _shared(parser, suppress=False)
    parser.add_argument("--tenant", default="", help="customer to open: id, domain or name")
    parser.add_argument("--theme", choices=("system", "light", "dark"), default="system")
    parser.add_argument(
        "--tour",
        type=Path,
        metavar="FOLDER",
        help="walk through the program by itself, writing pictures and a transcript there",
    )
    parser.add_argument(
        "--screenshot", type=Path, metavar="FILE", help="write a picture of the window, and end"
    )
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", title="without a window")
    sync = commands.add_parser(
        "sync",
        help="read every customer, and keep a snapshot of each",
        description="Reads every customer (or those named) once, keeps a snapshot of each, and "
        "tells how it went.",
        epilog=_EXIT_STATUSES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    export = commands.add_parser(
        "export",
        help="write users or licenses as CSV or as a workbook",
        description="Writes the users or the licenses of all customers (or those named) as CSV or "
        "as a workbook for Excel.",
        epilog=_EXIT_STATUSES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    export.add_argument("table", choices=[str(table) for table in Table])
    export.add_argument(
        "--output", type=Path, metavar="FILE", help="file to write; standard output without it"
    )
    export.add_argument(
        "--format",
        dest="form",
        choices=[str(form) for form in Form],
        help="csv or xlsx; without it what the file's name says, else csv",
    )
    for command in (sync, export):
        _shared(command, suppress=True)
        command.add_argument(
            "--tenant",
            action="append",
            dest="tenants",
            metavar="TENANT",
            help="only this customer (id, domain or name); may be given several times",
        )
    return parser


def _shared(parser: argparse.ArgumentParser, *, suppress: bool) -> None:
    """Options of every command. After a command they add to what stood before it: a default there
    would undo that."""

    def default(value: Any) -> Any:
        return argparse.SUPPRESS if suppress else value

    parser.add_argument(
        "--connection",
        default=default(""),
        metavar="NAME",
        help="connection to open: its name or id; without it the one opened last",
    )
    parser.add_argument(
        "--config",
        type=Path,
        default=default(None),
        metavar="FOLDER",
        help="keep settings, sign-ins and logs in this folder instead of the usual ones",
    )
    parser.add_argument(
        "--demo",
        nargs="?",
        const="reseller",
        default=default(""),
        choices=("reseller", "direct", "sign-in"),
        help="work on the practice directory: as a reseller (the default), as the administrator "
        "of one organization, or signing in first; nothing reaches Microsoft",
    )
    parser.add_argument(
        "--offline",
        action="store_true",
        default=default(False),
        help="show or write out what was kept on this computer, and never touch the network",
    )
    parser.add_argument(
        "--server",
        default=default(""),
        metavar="URL",
        help="use the practice directory at URL (started with python -m o365desk.simulator)",
    )
    parser.add_argument(
        "--faults",
        type=Path,
        default=default(None),
        metavar="FILE",
        help="faults the practice directory shall show",
    )
