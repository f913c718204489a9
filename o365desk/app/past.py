"""What one window does with what was seen before: keeps it, shows it, compares it, searches it."""

from o365desk.app.controller import DeskController
from o365desk.app.desk import Desk
from o365desk.app.practice_past import past
from o365desk.app.recorder import Recorder
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
    ) -> None:
        """`live`: what the network leads to; None where it is not to be touched. `made_up`: a
        customer seen for the first time gets a past to practise on."""
        self.history = history
        self.time_line = TimeLine(desk, controller, history, live)
        if live is not None:
            self.recorder = Recorder(desk, history, past if made_up else None)
            self.recorder.on_recorded.append(self.time_line.recorded)
        desk.window.rail.offer_history()
        work = desk.session.work
        if work is not None:  # opened before the snapshots were
            self.time_line.opened(work)
            desk.readings_may_have_ended(work)
