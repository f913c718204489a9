"""The commands without a window: `o365desk sync` and `o365desk export`, for schedulers."""

import asyncio
import gc
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack
from datetime import datetime
from functools import partial

from o365desk.app.config import Settings
from o365desk.app.front import settings_of
from o365desk.app.keeping import Keeping, retention
from o365desk.app.options import Command, ExitStatus, Form, Options, Table
from o365desk.app.profile import Profile, write_whole
from o365desk.app.report import Reporter
from o365desk.app.worlds import Means, World, offline_world, open_world
from o365desk.domain.connections import Connection
from o365desk.domain.directory import Tenant, User
from o365desk.domain.errors import DeskError, NotFound, SignInRequired
from o365desk.domain.history import History
from o365desk.domain.ports import Backend, Origin
from o365desk.domain.tables import Cell
from o365desk.services.adapters import collect
from o365desk.services.desk_log import DeskLog, Event
from o365desk.services.product_names import ProductNames
from o365desk.services.snapshot_backend import snapshot_backend
from o365desk.services.sweep import AT_ONCE, TenantFailure, TenantReading, sweep

USER_HEADER = (
    "Customer",
    "Tenant ID",
    "Display name",
    "Username",
    "Status",
    "Deleted",
    "Location",
    "Licenses",
    "User ID",
)
LICENSE_HEADER = (
    "Customer",
    "Tenant ID",
    "Product Name",
    "Product SKU ID",
    "Active Licenses",
    "Assigned Licenses",
    "Available Licenses",
    "Suspended License",
    "Microsoft Subscription IDs",
)


def run_headless(options: Options, connection: Connection | None, profile: Profile | None) -> int:
    """Carries out a command; answers its exit status."""
    if connection is None:
        say("No connection is set up on this computer. Start o365desk without a command first.")
        return ExitStatus.SIGN_IN
    if options.offline and options.command is Command.SYNC:
        say("Reading customers needs the network: leave out --offline.")
        return ExitStatus.BAD_USAGE
    if options.form is Form.XLSX and options.output is None and sys.stdout.isatty():
        say("A workbook is nothing for a terminal: add --output FILE.")
        return ExitStatus.BAD_USAGE
    gc.enable()  # off since the start, for a window; here nothing else would collect
    try:
        # A bug is told without its text, which may hold a name.
        return Reporter().guarded(
            lambda: asyncio.run(_run(options, connection, profile)), ExitStatus.FAILED
        )
    except KeyboardInterrupt:
        say("Stopped.")
        return ExitStatus.SOME_FAILED


def _no_browser(_address: str) -> None:
    raise SignInRequired("A command without a window asks nobody to sign in.")


def say(text: str) -> None:
    """Progress and complaints; standard output is the result's alone."""
    print(text, file=sys.stderr, flush=True)  # noqa: T201


async def _run(options: Options, connection: Connection, profile: Profile | None) -> int:
    names = ProductNames()
    settings: Settings = settings_of(connection, profile)
    log = DeskLog(profile.state if profile is not None and not options.demo else None)
    try:
        async with AsyncExitStack() as stack:
            stack.push_async_callback(asyncio.to_thread, log.close)
            keeping = Keeping(connection, profile)
            stack.push_async_callback(keeping.aclose)
            history = None
            if options.offline:
                world = await _as_seen(connection, keeping, names)
            else:
                means = Means(options, names, settings.smtp, profile, _no_browser, log.call, log)
                world = await open_world(connection, means)
                stack.push_async_callback(world.close)
                if options.command is Command.SYNC:
                    history = await _kept_in(keeping)
            status = await _work(options, connection, world, log, history)
            if history is not None:
                await history.thin_out(retention(settings), world.now())
            elif options.command is Command.SYNC and keeping.path is not None:
                return status or ExitStatus.FAILED  # all was read, and nothing is kept
            return status
    except SignInRequired as error:
        say(f"{error.sentence} Open o365desk, sign in to “{connection.name}”, and run this again.")
        return ExitStatus.SIGN_IN
    except DeskError as error:
        say(f"{error.sentence} {error.next_step}".strip())
        return ExitStatus.FAILED


async def _as_seen(connection: Connection, keeping: Keeping, names: ProductNames) -> World:
    """The customers as they were seen last. Raises DeskError where nothing is kept."""
    history = await keeping.open()
    if keeping.notice is not None:
        say(f"{keeping.notice.sentence} {keeping.notice.next_step}".strip())
    if not await history.tenants():
        raise NotFound(
            "Nothing of the customers is kept on this computer.",
            next_step="Run `o365desk sync` first, or leave out --offline.",
        )
    return offline_world(connection, partial(snapshot_backend, history, names.name))


async def _kept_in(keeping: Keeping) -> History | None:
    """Where snapshots outlast this run; None where nothing does, which is said."""
    if keeping.path is None:
        say("Nothing of this is kept: the practice directory is new at every start.")
        return None
    history, notice = await keeping.open(), keeping.notice
    if notice is not None:
        say(f"{notice.sentence} {notice.next_step}".strip())
    if history.on_disk:
        return history
    say("Nothing of this is kept.")
    return None


async def _work(
    options: Options,
    connection: Connection,
    world: World,
    log: DeskLog,
    history: History | None,
) -> int:
    if world.sign_in is not None and await world.sign_in.restore() is None:
        raise SignInRequired("Nobody is signed in.")
    backend = world.backend
    tenants = await collect(backend.customers.tenants())
    chosen, unknown = _choose(tenants, options.tenants)
    for name in unknown:
        say(f"There is no customer “{name}”.")
    if unknown:
        return ExitStatus.BAD_USAGE
    if backend.prepare is not None:
        await backend.prepare()
    begun = time.monotonic()
    exporting = options.command is Command.EXPORT
    readings, failures = await _read(world, chosen, history, keep=exporting)
    log.event(
        Event.SWEEP,
        tenants=len(chosen),
        failed=len(failures),
        milliseconds=round(1000 * (time.monotonic() - begun)),
        outcome="ok",
    )
    if exporting:
        status = _write(options, readings, world, failures)
        if status is not ExitStatus.DONE:
            return status
    return _summary(len(chosen), failures)


async def _read(
    world: World, tenants: Sequence[Tenant], history: History | None, *, keep: bool
) -> tuple[list[TenantReading], list[TenantFailure]]:
    """What was read goes into the history, and is kept here only where it is written out: a
    thousand customers have a million users."""
    readings: list[TenantReading] = []
    failures: list[TenantFailure] = []
    done = 0
    # Of the snapshots one is read at a time: they are on one disk, and each is read whole.
    at_once = AT_ONCE if world.scheduler is not None else 1
    async for result in sweep(world.backend, tenants, at_once=at_once):
        done += 1
        if isinstance(result, TenantReading) and history is not None:
            try:
                await history.record(result.state(world.now()))
            except DeskError as error:
                result = TenantFailure(result.tenant, error)
        if isinstance(result, TenantFailure):
            failures.append(result)
            told = result.error.sentence
        else:
            if keep:
                readings.append(result)
            told = (
                f"{len(result.users):,} users, {len(result.deleted_users):,} deleted, "
                f"{len(result.skus):,} products"
            )
            as_of = world.backend.as_of
            seen = as_of(result.tenant.id) if as_of is not None else None
            if seen is not None:
                told += f", as seen {seen.astimezone():%Y-%m-%d %H:%M}"
        say(f"{done:,} of {len(tenants):,}  {result.tenant.name}: {told}")
    order = {tenant.id: number for number, tenant in enumerate(tenants)}
    readings.sort(key=lambda reading: order[reading.tenant.id])
    failures.sort(key=lambda failure: order[failure.tenant.id])
    return readings, failures


def _choose(tenants: Sequence[Tenant], wanted: Sequence[str]) -> tuple[list[Tenant], list[str]]:
    if not wanted:
        return list(tenants), []
    names = {
        name: tenant
        for tenant in tenants
        for name in (tenant.name.casefold(), tenant.domain.casefold(), str(tenant.id))
    }
    unknown = [name for name in wanted if name.casefold() not in names]
    chosen = {names[name.casefold()].id for name in wanted if name.casefold() in names}
    return [tenant for tenant in tenants if tenant.id in chosen], unknown


def _summary(count: int, failures: Sequence[TenantFailure]) -> int:
    good = count - len(failures)
    say(f"{good:,} of {count:,} customers read, {len(failures):,} failed.")
    for failure in failures:
        step = f" {failure.error.next_step}" if failure.error.next_step else ""
        say(f"  {failure.tenant.name}: {failure.error.sentence}{step}")
    if not failures:
        return ExitStatus.DONE
    if good:
        return ExitStatus.SOME_FAILED
    if all(isinstance(failure.error, SignInRequired) for failure in failures):
        return ExitStatus.SIGN_IN
    return ExitStatus.FAILED


def _content(
    options: Options,
    readings: Sequence[TenantReading],
    world: World,
    failures: Sequence[TenantFailure],
) -> bytes:
    """The table as it is written; a workbook says how much of it could be read, and when."""
    header, rows = _table(options.table, readings, world.backend)
    if options.form is Form.XLSX:
        from o365desk.services.xlsx_table import as_xlsx

        about = _about(options, len(readings), world, failures)
        return as_xlsx(str(options.table).capitalize(), header, rows, about)
    from o365desk.services.csv_table import as_csv

    # A spreadsheet takes a file for UTF-8 only when it begins with a byte order mark.
    mark = options.output is not None
    return as_csv(header, (tuple(map(_written, row)) for row in rows), mark=mark)


def _written(cell: Cell) -> Cell:
    """A time for other programs, which may run in another zone."""
    return cell.isoformat() if isinstance(cell, datetime) else cell


_SOURCES = {
    Origin.LIVE: "Microsoft, read for this file",
    Origin.PRACTICE: "Practice directory",
    Origin.SNAPSHOT: "Snapshots kept on this computer, of each customer the newest",
}


def _about(
    options: Options, read: int, world: World, failures: Sequence[TenantFailure]
) -> list[tuple[str, Cell]]:
    return [
        ("Table", f"{str(options.table).capitalize()} of {read:,} customers"),
        ("Connection", world.connection.name),
        ("Source", _SOURCES[world.backend.origin]),
        ("Written", world.now()),
        ("Customers", f"{read:,} of {read + len(failures):,}"),
        *(("Not read", f"{one.tenant.name}: {one.error.sentence}") for one in failures),
    ]


def _write(
    options: Options,
    readings: Sequence[TenantReading],
    world: World,
    failures: Sequence[TenantFailure],
) -> ExitStatus:
    try:
        content = _content(options, readings, world, failures)
        if options.output is not None:
            write_whole(options.output, content, mode=0o600)
        else:
            sys.stdout.buffer.write(content)
            sys.stdout.flush()
    except OSError:
        say(f"{options.output or 'Standard output'} cannot be written.")
        return ExitStatus.FAILED
    return ExitStatus.DONE


def _table(
    table: Table, readings: Sequence[TenantReading], backend: Backend
) -> tuple[Sequence[str], Iterator[Sequence[Cell]]]:
    if table is Table.USERS:
        rows = (
            _user_row(reading.tenant, user, backend)
            for reading in readings
            for user in (*reading.users, *reading.deleted_users)
        )
        return USER_HEADER, rows
    return LICENSE_HEADER, (row for reading in readings for row in _license_rows(reading))


def _user_row(tenant: Tenant, user: User, backend: Backend) -> Sequence[Cell]:
    held = sorted(backend.product_name(one.sku_id) for one in user.licenses or ())
    return (
        tenant.name,
        tenant.id,
        user.display_name,
        user.username,
        str(user.state).capitalize(),
        user.deleted_at or "",
        user.location,
        "; ".join(held),
        user.id,
    )


def _license_rows(reading: TenantReading) -> Iterator[Sequence[Cell]]:
    for sku in reading.skus:
        ids = [str(one.id) for one in reading.subscriptions or () if one.sku_id == sku.id]
        yield (
            reading.tenant.name,
            reading.tenant.id,
            sku.name,
            sku.id,
            sku.active,
            sku.assigned,
            sku.available,
            sku.suspended,
            "; ".join(ids or [str(id_) for id_ in sku.subscription_ids]),
        )
