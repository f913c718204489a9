"""What one window does with what was seen before: keeps it, shows it, compares it, searches it."""

from o365desk.app.compare_place import ComparePlace
from o365desk.app.controller import DeskController
from o365desk.app.customer_places import CustomerPlaces
from o365desk.app.customer_sweep import CustomerSweep, Stage
from o365desk.app.desk import Desk
from o365desk.app.jumps import Jumps
from o365desk.app.practice_past import past
from o365desk.app.product_histories import ProductHistories
from o365desk.app.recorder import MadeUpPast, Recorder
from o365desk.app.snapshot_settings import SnapshotSettings
from o365desk.app.time_line import TimeLine
from o365desk.domain.history import History
from o365desk.domain.ports import Backend


class Past:
    """Made once the snapshots are open; owned by the program."""

    def __init__(
        self,
        desk: Desk,
        controller: DeskController,
        history: History,
        live: Backend | None,
        *,
        made_up: bool = False,
        problem: str = "",
    ) -> None:
        """`live`: what the network leads to; None where it is not to be touched. `made_up`: a
        customer seen for the first time gets a past to practise on. `problem`: why snapshots are
        not kept on the disk, as a sentence."""
        self.history = history
        make_up = MadeUpPast(past) if made_up else None
        jumps = Jumps(desk, controller)
        self.time_line = TimeLine(desk, controller, history, live)
        self.sweep = None
        if live is not None:
            self.sweep = CustomerSweep(desk, live, history, self._swept, make_up)
        self.customers = CustomerPlaces(
            desk,
            controller,
            history,
            jumps,
            self.sweep,
            lambda tenant: self.time_line.show(None, tenant),
        )
        self.compare = ComparePlace(desk, controller, history, jumps, self.time_line.changed)
        self.products = ProductHistories(desk, controller, history, self.compare.show)
        self.settings = SnapshotSettings(desk, history, self._removed, problem)
        controller.on_opened += [self.compare.opened, self.time_line.opened]
        self.time_line.on_snapshots += [self.compare.snapshots_are, self.products.snapshots_are]
        self.time_line.on_failed.append(self.compare.snapshots_failed)
        if live is not None:
            self.recorder = Recorder(desk, history, make_up)
            self.recorder.on_recorded += [
                self.time_line.changed,
                self.customers.changed,
                self.settings.recorded,
            ]
        desk.window.rail.offer_history()
        work = desk.session.work
        if work is not None:  # opened before the snapshots were
            self.time_line.opened(work)
            desk.readings_may_have_ended(work)

    def _swept(self) -> None:
        self.customers.swept()
        if self.sweep is not None and self.sweep.stage is not Stage.RUNNING:
            self.time_line.changed()

    def _removed(self) -> None:
        self.customers.changed()
        self.time_line.changed()

    def signed_in(self) -> None:
        """Somebody has signed in: what waited for that goes on."""
        if self.sweep is not None:
            self.sweep.signed_in()
