"""The practice directory: a stranger that speaks HTTP as Microsoft Graph and Partner Center do.

    simulator = Simulator(build_world("demo", seed=1))
    client = httpx.AsyncClient(transport=SimulatorTransport(simulator))   # simulator.transport
    client.get("https://graph.microsoft.com/v1.0/users",
               headers={"Authorization": "Bearer tenant:<tenant id>"})    # tokens: actors.py

It imports nothing of the program, so that one bug cannot hide in both ends.
"""

from o365desk.simulator.core import Simulator
from o365desk.simulator.faults import Fault, FaultKind
from o365desk.simulator.messages import HttpRequest, HttpResponse
from o365desk.simulator.world import World
from o365desk.simulator.worlds import build_world

__all__ = [
    "Fault",
    "FaultKind",
    "HttpRequest",
    "HttpResponse",
    "Simulator",
    "World",
    "build_world",
]
