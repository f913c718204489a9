"""`python -m o365desk.simulator`: the practice directory as a server on loopback.

    --port N            0 (default) picks a free one
    --world NAME        demo (default) or scale
    --tenants N         scale: how many tenants (at most 5,000)
    --users N           scale: how many users in the first tenant (at most 100,000)
    --seed S            another seed, other people
    --start-date ISO    the moment the world's dates are told from; default now
    --faults FILE       scripted faults (see faults.py)
    --latency-ms N      time before each answer
    --limits            refuses what is beyond Microsoft's published limits (see limits.py)
    --warm              renders the large tenant's user pages before the first call

The first line printed is `practice directory at URL`; then one line a tenant: id, name, domain.
Graph answers at /v1.0, Partner Center at /v1, control at /practice. Bearer tokens: `partner`,
`tenant:<tenant id>`, `partner:<tenant id>`, `helpdesk:<tenant id>`, or one got by signing in at
/<tenant>/oauth2/v2.0/authorize; /practice/accounts lists who can sign in.
"""

import argparse
import asyncio
import contextlib
import signal
import sys
from datetime import UTC, datetime
from pathlib import Path

from o365desk.simulator.core import Simulator
from o365desk.simulator.server import Server
from o365desk.simulator.worlds import build_world


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m o365desk.simulator",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--world", choices=("demo", "scale"), default="demo")
    parser.add_argument("--tenants", type=int, default=50)
    parser.add_argument("--users", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--start-date", type=_moment, default=None)
    parser.add_argument("--faults", type=Path, default=None)
    parser.add_argument("--latency-ms", type=float, default=0)
    parser.add_argument("--limits", action="store_true")
    parser.add_argument("--warm", action="store_true")
    return parser.parse_args()


async def _run(arguments: argparse.Namespace) -> None:
    world = build_world(
        arguments.world,
        seed=arguments.seed,
        start=arguments.start_date,
        tenants=arguments.tenants,
        users=arguments.users,
    )
    simulator = Simulator(world)
    if arguments.faults is not None:
        simulator.faults.load(arguments.faults.read_text(encoding="utf-8"))
    if arguments.limits:
        simulator.limits.enforce()
    server = Server(simulator, port=arguments.port, latency=arguments.latency_ms / 1000)
    await server.start()
    if arguments.warm:
        simulator.warm(world.customer("large"), base=server.url)
    print(f"practice directory at {server.url}", flush=True)
    for tenant in (world.partner, *world.customers):
        print(f"{tenant.tenant_id}  {tenant.name}  {tenant.default_domain}")
    sys.stdout.flush()
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        try:
            loop.add_signal_handler(number, stop.set)
        except NotImplementedError:
            # Windows' loops take no handlers: KeyboardInterrupt ends it there.
            break
    await stop.wait()
    await server.stop()


def main() -> None:
    """Runs until told to stop."""
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_run(_arguments()))


if __name__ == "__main__":
    main()
