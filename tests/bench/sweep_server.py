"""The practice directory that is swept: all of its tenants made beforehand, the published limits
enforced, and some time before every answer.

    python -m tests.bench.sweep_server TENANTS SECONDS
"""

import asyncio
import gc
import sys

from o365desk.simulator import Simulator, build_world
from o365desk.simulator.server import Server


async def main(tenants: int, latency: float) -> None:
    simulator = Simulator(build_world("scale", tenants=tenants, users=60))
    for customer in simulator.world.customers:
        simulator.directory.tenant(customer.tenant_id)  # made at first touch
    gc.freeze()
    simulator.limits.enforce()
    server = Server(simulator, latency=latency)
    await server.start()
    print(server.url, flush=True)
    await asyncio.to_thread(sys.stdin.read)
    await server.stop()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), float(sys.argv[2])))
