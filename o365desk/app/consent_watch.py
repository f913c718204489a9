"""Tells why Graph does not serve the open customer, and lets its permissions be granted."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from o365desk.app.desk import Desk
from o365desk.app.links import open_link
from o365desk.app.session import TenantWork
from o365desk.domain.errors import DeskError, Refusal, SignInRequired
from o365desk.domain.ports import Capabilities, ConsentGranter
from o365desk.views.banner import Message, MessageKind

if TYPE_CHECKING:  # loaded when it is opened
    from o365desk.views.consent_dialog import ConsentDialog


class ConsentWatch:
    """Speaks up once the users of a customer are listed. Owned by the controller."""

    def __init__(
        self,
        desk: Desk,
        *,
        on_granted: Callable[[], None],
        on_served: Callable[[TenantWork], None],
    ) -> None:
        """`on_granted`: the open tenant can be read anew. `on_served`: Graph serves a tenant that
        it had refused."""
        self._desk = desk
        self._on_granted = on_granted
        self._on_served = on_served
        self._shown: Message | None = None
        self._refused: TenantWork | None = None
        """The open tenant, when it was without Graph at the last listing."""
        self._granted: TenantWork | None = None
        """The open tenant, when its permissions were granted here."""
        desk.on_users_read = self.users_read

    def opened(self) -> None:
        """Another tenant: what was said of the last one is over."""
        self._refused = self._granted = None
        self._take_back()

    def refresh(self, work: TenantWork) -> None:
        """The listing that follows asks Graph again: what was missing may be there by now."""
        consents = self._desk.session.backend.consents
        if consents is not None:
            consents.forgive(work.tenant.id)

    def users_read(self, work: TenantWork) -> None:
        """A listing has ended: by now it is known who serves the tenant."""
        consents = self._desk.session.backend.consents
        if consents is None:
            return
        error = consents.refusal(work.tenant.id)
        if error is not None:
            self._refused = work
            self._show(work, consents, error)
            return
        self._take_back()
        if self._refused is work:
            self._refused = None
            self._on_served(work)

    # The notice

    def _show(self, work: TenantWork, consents: ConsentGranter, error: DeskError) -> None:
        message = self._message(work, error)
        if self._shown in self._desk.window.banner.messages and message == self._shown:
            return
        self._take_back()
        self._desk.window.banner.take_back(_outcome(work))
        self._shown = message
        need = error.need if isinstance(error, SignInRequired) else None

        def act() -> None:
            if need is not None:
                self._desk.sign_in(need, self._desk.window)
            else:
                self._open(work, consents)

        self._desk.window.banner.show_message(message, act)

    def _message(self, work: TenantWork, error: DeskError) -> Message:
        name = work.tenant.name
        without = _without(self._desk.session.backend.capabilities(work.tenant.id))
        served = f"Partner Center serves it, without telling {without}."
        if error.refusal is not Refusal.CONSENT:
            can_sign_in = isinstance(error, SignInRequired) and error.need is not None
            return Message(
                f"Graph refused {name}: {error.sentence}",
                f"{error.next_step} Until then {served}".strip(),
                error.support_ids,
                "Sign in" if can_sign_in else "",
                MessageKind.WARNING,
            )
        if self._granted is work:
            sentence = (
                f"The permissions for {name} are granted, but Microsoft does not know of them"
                " everywhere yet."
            )
            return Message(
                sentence,
                f"Refresh (F5) in a minute. Until then {served}",
                error.support_ids,
                "Permissions…",
                MessageKind.WARNING,
            )
        return Message(
            f"o365desk has no permission in the directory of {name} yet: {served}",
            action="Permissions…",
            kind=MessageKind.WARNING,
        )

    def _take_back(self) -> None:
        if self._shown is not None:
            self._desk.window.banner.take_back(self._shown)
            self._shown = None

    # The dialog

    def _open(self, work: TenantWork, consents: ConsentGranter) -> None:
        if work is not self._desk.session.work:
            return
        from o365desk.views.consent_dialog import ConsentDialog

        dialog = ConsentDialog(
            work.tenant.name,
            consents.permissions,
            consents.address(work.tenant.id),
            self._desk.window,
        )

        def grant() -> None:
            dialog.set_busy("Granting the permissions…")
            self._desk.tasks.write(
                self._grant(work, consents, dialog),
                name="grant permissions",
                on_error=dialog.show_error,
            )

        def closed(_result: int) -> None:
            error = consents.refusal(work.tenant.id)
            if work is self._desk.session.work and error is not None and self._granted is not work:
                self._show(work, consents, error)  # its button has taken the notice away

        dialog.grant_requested.connect(grant)
        dialog.open_link_requested.connect(open_link)
        dialog.finished.connect(closed)
        self._desk.show_dialog(dialog)

    async def _grant(
        self, work: TenantWork, consents: ConsentGranter, dialog: "ConsentDialog"
    ) -> None:
        await consents.grant(work.tenant.id)
        if work is self._desk.session.work:
            self._granted = work
        dialog.accept()
        self._desk.window.banner.show_message(_outcome(work))
        if work is self._desk.session.work:
            self._on_granted()


def _outcome(work: TenantWork) -> Message:
    sentence = f"o365desk has been granted its permissions in the directory of {work.tenant.name}."
    return Message(sentence, kind=MessageKind.NOTICE)


def _without(capabilities: Capabilities) -> str:
    """What is not known of a customer whom Partner Center serves."""
    missing = (
        (capabilities.blocked_known, "who is blocked from signing in"),
        (capabilities.sources_known, "which licenses come from groups"),
    )
    return " and ".join(words for known, words in missing if not known)
