"""Creating, editing, deleting and restoring users, and setting their passwords."""

from collections import Counter
from collections.abc import Coroutine, Sequence
from typing import TYPE_CHECKING, Any

from o365desk.app.desk import Desk, seats
from o365desk.app.rights_watch import RightsWatch
from o365desk.app.session import TenantWork
from o365desk.domain.acts import Act
from o365desk.domain.creation import NewUser
from o365desk.domain.directory import User, UserEdit, UserState, days_left
from o365desk.domain.errors import DeskError, OutcomeUnknown, SignInRequired
from o365desk.domain.licensing import LicenseChange
from o365desk.domain.mail import Mail, password_mail, reset_notice
from o365desk.domain.passwords import NewPassword, PasswordKind, Secret
from o365desk.views.desk_dialog import DeskDialog

if TYPE_CHECKING:  # the dialogs themselves are loaded when they are opened
    from o365desk.views.confirm import DeleteUserDialog, RestoreUserDialog
    from o365desk.views.create_user import CreateUserDialog
    from o365desk.views.edit_user import EditUserDialog
    from o365desk.views.reset_password import ResetPasswordDialog


class AccountChanges:
    """Opens the dialogs about an account and carries out what they ask for."""

    def __init__(self, desk: Desk, rights: RightsWatch) -> None:
        self._desk = desk
        self._rights = rights

    # Delete and restore

    def delete(self, work: TenantWork, user: User) -> "DeleteUserDialog":
        """Asks first (S22); the user stays listed, greyed, with Restore (S24, S28)."""
        from o365desk.views.confirm import DeleteUserDialog

        dialog = DeleteUserDialog(work.tenant.name, user, self._desk.window)

        def confirmed() -> None:
            self._write(work, dialog, "Deleting the user…", self._delete(work, user, dialog), user)

        dialog.confirmed.connect(confirmed)
        scope = self._desk.show_dialog(dialog)
        self._rights.guard(work, dialog, scope, Act.DELETE, user, dialog.protection)
        return dialog

    async def _delete(self, work: TenantWork, user: User, dialog: "DeleteUserDialog") -> None:
        session = self._desk.session
        await session.backend.users.delete_user(work.tenant.id, user.id)
        row = self._desk.users.user(user.id) or user
        self._desk.put(work, row._replace(state=UserState.DELETED, deleted_at=session.now()))
        self._desk.reread_counters(work, seats(row.licenses, -1))
        dialog.accept()

    def restore(self, work: TenantWork, user: User) -> "RestoreUserDialog":
        """Warns first (S37). What comes back is Microsoft's decision, shown as it is (S31-S33)."""
        from o365desk.views.confirm import RestoreUserDialog

        session = self._desk.session
        dialog = RestoreUserDialog(
            work.tenant.name,
            user,
            days_left(user.deleted_at, session.now()),
            session.capabilities().restore_rename,
            self._desk.window,
        )

        def confirmed(new_username: str) -> None:
            self._write(
                work,
                dialog,
                "Restoring the user…",
                self._restore(work, user, new_username, dialog),
                user,
            )

        dialog.confirmed.connect(confirmed)
        scope = self._desk.show_dialog(dialog)
        self._rights.guard(work, dialog, scope, Act.RESTORE, user, dialog.protection)
        return dialog

    async def _restore(
        self, work: TenantWork, user: User, new_username: str, dialog: "RestoreUserDialog"
    ) -> None:
        directory = self._desk.session.backend.users
        restored = await directory.restore_user(work.tenant.id, user.id, new_username)
        self._desk.put(work, restored, licenses=restored.licenses is not None)
        self._desk.reread_counters(work, seats(restored.licenses, 1))
        dialog.accept()

    # Password

    def reset_password(self, work: TenantWork, user: User) -> "ResetPasswordDialog":
        """The same options as for a new user (S39), the mail address optional (S40)."""
        from o365desk.views.reset_password import ResetPasswordDialog

        dialog = ResetPasswordDialog(work.tenant.name, user, self._desk.window)
        dialog.generate_requested.connect(
            lambda kind: dialog.set_generated(_generate(kind, user.username))
        )

        def requested(new: NewPassword) -> None:
            self._write(
                work, dialog, "Setting the password…", self._reset(work, user, new, dialog), user
            )

        dialog.reset_requested.connect(requested)
        scope = self._desk.show_dialog(dialog)
        self._rights.guard(work, dialog, scope, Act.RESET_PASSWORD, user, dialog.protection)
        return dialog

    async def _reset(
        self, work: TenantWork, user: User, new: NewPassword, dialog: "ResetPasswordDialog"
    ) -> None:
        await self._desk.session.backend.users.reset_password(work.tenant.id, user.id, new)
        if new.send_to:
            mail = password_mail(
                new.send_to, user.username, new.password, must_change=new.must_change
            )
            said = f"The password was sent to {new.send_to}."
        else:
            mail = reset_notice(user.username)
            said = f"A notice without the password was sent to {user.username}."
        dialog.show_result(user.username, new.password, await self._send(mail, said, dialog))

    async def _send(self, mail: Mail, said: str, dialog: DeskDialog) -> str:
        """What to tell about the mail. Its failure does not undo what it was about."""
        send = self._desk.session.backend.mail.send
        try:
            try:
                await send(mail)
            except SignInRequired as error:
                # The permission to send is asked for when it is first needed.
                if error.need is None or not await self._desk.signed_in(error.need, dialog):
                    raise
                await send(mail)
        except DeskError as error:
            return f"The mail to {mail.to} was not sent: {error.sentence} {error.next_step}".strip()
        return said

    # Create and edit

    def create(self, work: TenantWork) -> "CreateUserDialog":
        """A new user, with licences where wished, and the password mailed (S40)."""
        from o365desk.views.create_user import CreateUserDialog

        dialog = CreateUserDialog(work.tenant.name, self._desk.window)
        dialog.generate_requested.connect(
            lambda kind: dialog.set_generated(_generate(kind, dialog.full_username()))
        )
        if work.skus:
            dialog.set_skus(work.skus)
        dialog.set_default_location(_usual_location(self._desk.users.users))

        def requested(new: NewUser) -> None:
            self._write(work, dialog, "Creating the user…", self._create(work, new, dialog), None)

        dialog.create_requested.connect(requested)
        scope = self._desk.show_dialog(dialog)
        self._rights.guard(work, dialog, scope, Act.CREATE)
        for load in (self._load_domains, self._load_skus):
            self._desk.tasks.read(
                load(work, dialog),
                name="read what a new user can have",
                scope=scope,
                on_error=dialog.show_error,
            )
        return dialog

    async def _load_domains(self, work: TenantWork, dialog: "CreateUserDialog") -> None:
        dialog.set_domains(await self._desk.session.backend.customers.domains(work.tenant.id))

    async def _load_skus(self, work: TenantWork, dialog: "CreateUserDialog") -> None:
        skus = await self._desk.session.backend.customers.skus(work.tenant.id)
        if not dialog.busy:
            dialog.set_skus(work.counted(skus, self._desk.session.now()))

    async def _create(self, work: TenantWork, new: NewUser, dialog: "CreateUserDialog") -> None:
        backend = self._desk.session.backend
        created = await backend.users.create_user(work.tenant.id, new)
        created = created._replace(licenses=created.licenses or ())
        self._desk.put(work, created)
        self._desk.window.users.table.select_user(created.id)
        lines = []
        if new.licenses:
            lines.append(await self._license(work, created, LicenseChange(add=new.licenses)))
        mail = password_mail(
            new.password.send_to,
            created.username,
            new.password.password,
            must_change=new.password.must_change,
        )
        lines.append(await self._send(mail, f"The password was sent to {mail.to}.", dialog))
        dialog.show_result(created.username, new.password.password, "\n".join(lines))

    async def _license(self, work: TenantWork, created: User, change: LicenseChange) -> str:
        """Gives a new user its licences; the user exists whatever becomes of them."""
        users = self._desk.session.backend.users
        try:
            held = await users.update_licenses(work.tenant.id, created.id, change)
        except DeskError as error:
            self._desk.after_unknown(work, error, created.id)
            if isinstance(error, OutcomeUnknown):
                return (
                    f"The user was created. Whether the licenses were assigned is not known: "
                    f"{error.sentence} Look into Manage Licenses."
                )
            return (
                f"The user was created, but the licenses were not assigned: {error.sentence} "
                "Use Manage Licenses to try again."
            )
        self._desk.put(work, created._replace(licenses=held), licenses=True)
        self._desk.reread_counters(work, seats(held, 1))
        return "The licenses were assigned."

    def edit(self, work: TenantWork, user: User) -> "EditUserDialog":
        """Edit User Information: Update writes, Close discards."""
        from o365desk.views.edit_user import EditUserDialog

        dialog = EditUserDialog(work.tenant.name, user, self._desk.window)

        def requested(edit: UserEdit) -> None:
            self._write(
                work, dialog, "Updating the user…", self._edit(work, user, edit, dialog), user
            )

        dialog.edit_requested.connect(requested)
        scope = self._desk.show_dialog(dialog)
        self._rights.guard(work, dialog, scope, Act.EDIT, user)
        return dialog

    async def _edit(
        self, work: TenantWork, user: User, edit: UserEdit, dialog: "EditUserDialog"
    ) -> None:
        edited = await self._desk.session.backend.users.edit_user(work.tenant.id, user.id, edit)
        row = self._desk.users.user(user.id) or user
        self._desk.put(work, edited._replace(licenses=row.licenses))
        dialog.accept()

    def _write(
        self,
        work: TenantWork,
        dialog: DeskDialog,
        doing: str,
        change: Coroutine[Any, Any, None],
        user: User | None,
    ) -> None:
        """Carries out what a dialog was confirmed for. When it fails, everything the operator
        typed stays in the dialog, with the reason."""

        def failed(error: DeskError) -> None:
            dialog.show_refusal(error)
            self._rights.denied(dialog, error)
            self._desk.after_unknown(work, error, user.id if user is not None else None)

        dialog.set_busy(doing)
        self._desk.tasks.write(change, name=doing, on_error=failed)


def _generate(kind: PasswordKind, username: str) -> Secret:
    from o365desk.services.passwords import generate  # its word list is read at first use

    return generate(kind, username)


def _usual_location(users: Sequence[User]) -> str:
    """The location most users of the tenant have: what a new one will most likely have too."""
    counts = Counter(user.location for user in users if user.location)
    return counts.most_common(1)[0][0] if counts else ""
