"""The export buttons of one window, and whoever carries out what they ask for."""

from functools import cached_property
from typing import TYPE_CHECKING
from weakref import WeakSet

from o365desk.app.desk import Desk
from o365desk.views.export_menu import ExportButton

if TYPE_CHECKING:
    from o365desk.app.export_flow import ExportFlow
    from o365desk.models.table_export import ExportWish


class Exports:
    """Serves them as long as there is the window."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._buttons: WeakSet[ExportButton] = WeakSet()

    @cached_property
    def _flow(self) -> "ExportFlow":
        """Made when something is exported first: it is not needed for most days' work."""
        from o365desk.app.export_flow import ExportFlow

        return ExportFlow(self._desk)

    def serve(self, button: ExportButton) -> None:
        """Carries out what a button asks for."""
        button.mark = self._desk.session.settings.csv_mark
        button.mark_changed.connect(self._remember)
        button.export_requested.connect(self.export)
        self._buttons.add(button)

    def export(self, wish: "ExportWish") -> None:
        self._flow.begin(wish)

    def _remember(self, mark: bool) -> None:
        for button in self._buttons:
            button.mark = mark
        self._desk.session.settings.csv_mark = mark
        self._desk.session.settings.save()
