"""Every refusal of sections 10 and 13.2 of the facts sheet, sent by the service and read off the
screen. That each means the right thing is tested in tests/wire; here, that it is told."""

import json
from collections.abc import Awaitable, Callable
from functools import partial

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton

from o365desk.app.connection_book import PRACTICE_SIGN_IN
from o365desk.app.robot import seen
from o365desk.domain.access import Service
from o365desk.domain.errors import Refusal
from o365desk.models.roles import Role
from o365desk.simulator import Fault, FaultKind
from o365desk.simulator.identity_errors import TABLE
from o365desk.views.banner import Message
from o365desk.views.confirm import RestoreUserDialog
from o365desk.views.desk_dialog import DeskDialog
from o365desk.views.edit_user import EditUserDialog
from o365desk.views.manage_licenses import ManageLicensesDialog
from o365desk.views.sign_in_dialog import SignInDialog
from o365desk.wire.faults import error_for
from o365desk.wire.messages import ApiRequest, ApiResponse, Safety
from o365desk.wire.operations import Operation
from tests.app.browsing import browsing
from tests.app.harness import Running, desk
from tests.app.soak import Hurried, PassingTime
from tests.app.test_signing_in import admin, invited
from tests.seed.sight import in_front, manage, refresh, words
from tests.seed.test_password import open_create, open_reset
from tests.simulator.browser import Browser
from tests.wire.test_faults import NAME, ROWS, UPN, Row

TIMEOUT = 120
"""Seconds; see conftest. They take 10 each on a machine that does nothing else."""

# The sign-in

TRACE = "3f2504e0-4f89-41d3-9a0c-0305e82c3301"

PROGRAM = "The program's sign-in request was not as Microsoft wants it."
AGAIN = "Microsoft wants you to sign in again."
FACTOR = "Microsoft wants a second factor"
OUT = "Your sign-in has run out."
NOBODY_THERE = "Microsoft knows no organization of this name in this cloud."
ELSEWHERE = "This account belongs to another organization than the connection."
NO_SCOPE = "The program asked Microsoft for a permission that does not exist in this cloud."

SENTENCES = {
    28000: NO_SCOPE,
    28003: NO_SCOPE,
    50011: "The application's registration lacks the redirect address http://localhost.",
    50020: ELSEWHERE,
    50034: "Microsoft knows no such account in this organization.",
    50053: "The account is locked after too many wrong passwords.",
    50055: "The password of your account has expired.",
    50057: "Your account is blocked from signing in.",
    50058: OUT,
    50074: f"{FACTOR} for this.",
    50076: f"{FACTOR} for this.",
    50079: f"{FACTOR}, and your account has none yet.",
    50126: "Username or password was wrong.",
    50158: "Your organization wants one more check by another provider.",
    50173: "Your sign-in was withdrawn, for example because the password was changed.",
    50177: ELSEWHERE,
    50194: "The application is registered for its own organization only.",
    53003: "A Conditional Access policy blocks this sign-in.",
    54005: AGAIN,
    65001: "The permissions that this needs have not been granted to the application yet.",
    65004: "You declined to grant the application its permissions.",
    70000: AGAIN,
    70003: PROGRAM,
    70005: PROGRAM,
    70007: PROGRAM,
    70008: OUT,
    70011: NO_SCOPE,
    70018: "Microsoft does not know the code.",
    70020: "The code was not used in time.",
    90002: NOBODY_THERE,
    90033: "Microsoft's sign-in service has a passing fault.",
    90055: "Microsoft's sign-in service is too busy.",
    90094: "Only an administrator can grant the permissions that this needs.",
    90099: "The permissions that this needs have not been granted to the application yet.",
    500011: "The application does not know the service that this needs.",
    501481: PROGRAM,
    650053: NO_SCOPE,
    700005: AGAIN,
    700016: "The organization has no application with the id of this connection.",
    700082: OUT,
    900023: NOBODY_THERE,
    900144: PROGRAM,
    7000218: "The application's registration does not allow a sign-in without a secret.",
    9002332: PROGRAM,
}
"""By the number after AADSTS: how the sentence in the dialog begins."""

NOT_SHOWN = {
    50049: "of the authority's discovery, which this program does not use",
    70016: "the device code was not used yet: no refusal",
}


def test_no_number_is_missing() -> None:
    assert SENTENCES.keys() | NOT_SHOWN.keys() == TABLE.keys()


PASSING = (90033, 90055)
"""After one of these MSAL keeps away from the service for five seconds: each has its own window."""


@pytest.mark.parametrize(
    "codes",
    [tuple(code for code in SENTENCES if code not in PASSING), *((code,) for code in PASSING)],
    ids=["refusals", *map(str, PASSING)],
)
async def test_each_aadsts_is_explained_in_the_sign_in_dialog(codes: tuple[int, ...]) -> None:
    browser = Browser()
    with browsing(browser):
        async with desk(connection=PRACTICE_SIGN_IN) as running:
            browser.account = admin(running)
            faults = running.simulator.faults
            dialog: SignInDialog | None = None
            for code in codes:
                row = TABLE[code]
                body = {
                    "error": row.error,
                    "error_description": f"AADSTS{code}: Something about {UPN} of {NAME}. "
                    f"Trace ID: {TRACE} Correlation ID: {TRACE} Timestamp: 2026-11-22 12:00:00Z",
                    "error_codes": [code],
                    "trace_id": TRACE,
                    "correlation_id": TRACE,
                }
                faults.clear()
                faults.add(
                    Fault(
                        FaultKind.ANSWER,
                        face="identity",
                        path="/oauth2/v2.0/token",
                        status=row.status,
                        body=body,
                        times=None,
                    )
                )
                if dialog is None:
                    await invited(running)
                    dialog = await running.robot.opened(SignInDialog)
                else:
                    running.robot.click(dialog.retry_button)
                    assert not dialog.errors.isVisible(), "what was said before is over"
                await seen(dialog.errors.isVisible, f"AADSTS{code}")
                assert dialog.errors.sentence.text().startswith(SENTENCES[code]), code
                assert dialog.errors.next_step.isVisible(), code
                assert dialog.errors.next_step.text(), code
                ids = dialog.errors.ids
                assert ids.isVisible()
                assert f"AADSTS{code}" in ids.text()
                assert TRACE in ids.text()
                _tells_nobody(words(dialog))
            assert running.program.account is None


# The calls


def _tells_nobody(said: list[str]) -> None:
    """The services' own texts quote names, which are never shown."""
    assert not [text for text in said if NAME in text or UPN in text or "Canary" in text]


def _sentence(row: Row) -> str:
    """What a row's answer means to this program."""
    reads = row.operation.startswith(("list", "get"))
    request = ApiRequest(
        row.service,
        "GET",
        "/x",
        row.operation,
        safety=Safety.READ if reads else Safety.WRITE,
    )
    return error_for(request, ApiResponse(row.status, {}, row.body())).sentence


async def _told(dialog: DeskDialog) -> list[str]:
    """What a dialog says once it is idle again, its switches' lines included."""
    await seen(lambda: not dialog.busy, "the answer is there")
    said = words(dialog)
    if isinstance(dialog, ManageLicensesDialog):
        model = dialog.switches.model
        if model is not None:
            said += [str(model.index(at).data(Role.ERROR) or "") for at in range(model.rowCount())]
    return said


async def _by_dialog(running: Running, dialog: DeskDialog, button: QPushButton) -> list[str]:
    running.robot.click(button)
    said = await _told(dialog)
    dialog.close()
    await running.robot.closed(type(dialog))
    return said


async def _update(running: Running, who: str) -> list[str]:
    dialog = await manage(running, who)
    model = dialog.switches.model
    assert model is not None
    draft = await seen(lambda: dialog.switches.draft, "the switches")
    free = next(one.sku.id for one in draft.lines() if one.sku.available > 0)
    running.robot.switch(dialog.switches, free)
    return await _by_dialog(running, dialog, dialog.update_button)


async def _load(running: Running, who: str) -> list[str]:
    running.robot.manage_licenses(who)
    dialog = await running.robot.opened(ManageLicensesDialog)
    await seen(dialog.errors.isVisible, "why the licenses cannot be read")
    said = words(dialog)
    dialog.close()
    await running.robot.closed(ManageLicensesDialog)
    return said


async def _edit(running: Running, who: str) -> list[str]:
    await running.robot.act(who, "Edit User Information")
    dialog = await running.robot.opened(EditUserDialog)
    running.robot.type(dialog.display_name, "Somebody Else")
    return await _by_dialog(running, dialog, dialog.update_button)


async def _reset(running: Running, who: str) -> list[str]:
    dialog = await open_reset(running, who)
    return await _by_dialog(running, dialog, dialog.reset_button)


async def _mail(running: Running, who: str) -> list[str]:
    dialog = await open_reset(running, who)
    running.robot.click(dialog.reset_button)
    await seen(lambda: dialog.result_panel is not None, "the password is set")
    said = words(dialog)
    dialog.close()
    await running.robot.closed(type(dialog))
    assert any("was not sent" in text for text in said)
    return said


async def _create(running: Running, who: str) -> list[str]:
    dialog = await open_create(running)
    running.robot.type(dialog.first_name, "Wilma")
    running.robot.type(dialog.last_name, "Berg")
    running.robot.type(dialog.panel.mail, "wilma@home.example")
    return await _by_dialog(running, dialog, dialog.create_button)


async def _restore(running: Running, who: str) -> list[str]:
    gone = next(user for user in running.program.desk.users.users if user.deleted)
    await running.robot.act(gone.display_name, "Restore")
    dialog = await running.robot.opened(RestoreUserDialog)
    return await _by_dialog(running, dialog, dialog.restore_button)


async def _list(running: Running, who: str) -> list[str]:
    """The banner tells it with what to do and the ids, the panel beside the list."""
    window = running.program.window
    await in_front(running)
    window.banner.clear()
    running.robot.key(window, Qt.Key.Key_F5, Qt.KeyboardModifier.ShiftModifier)

    def told_twice() -> Message | None:
        panel = window.users.state_text
        told = (one for one in window.banner.messages if one.support_ids)
        return next((one for one in told if panel.startswith(one.sentence)), None)

    # What else was refused by the same answer may be told before it.
    message = await seen(told_twice, "banner and panel tell why")
    assert message.sentence in words(window)
    return words(window.banner)


Drive = Callable[[Running, str], Awaitable[list[str]]]

PLACES: dict[Service, dict[Operation, tuple[Drive, str, str]]] = {
    Service.GRAPH: {
        Operation.ASSIGN_LICENSE: (_update, "POST", "*/assignLicense"),
        Operation.GET_USER: (_load, "GET", "/users/*-*"),
        Operation.UPDATE_USER: (_edit, "PATCH", "/users/*"),
        Operation.RESET_PASSWORD: (_reset, "PATCH", "/users/*"),
        Operation.SEND_MAIL: (_mail, "POST", "*/sendMail"),
        Operation.CREATE_USER: (_create, "POST", "/users"),
        Operation.RESTORE_USER: (_restore, "POST", "*/restore"),
        Operation.LIST_USERS: (_list, "GET", "/users"),
    },
    Service.PARTNER_CENTER: {
        Operation.UPDATE_LICENSES: (_update, "POST", "*/licenseupdates"),
        Operation.ASSIGN_LICENSE: (_update, "POST", "*/licenseupdates"),
        Operation.UPDATE_USER: (_edit, "PATCH", "*/users/*"),
        Operation.CREATE_USER: (_create, "POST", "*/users"),
        Operation.LIST_USERS: (_list, "GET", "/customers/*/users"),
    },
}
"""Where the window tells of a refused operation: what leads there, and whom the answer meets."""

UNSEEN = {
    Operation.GET_SUBSCRIPTION: "one subscription is never asked for alone",
    Operation.LIST_CHANGES: "everything is listed instead, and nothing is wrong then",
}


@pytest.mark.parametrize("service", list(Service))
async def test_each_refusal_of_a_call_is_told_where_it_belongs(service: Service) -> None:
    by_graph = service is Service.GRAPH
    rows = [row for row in ROWS if row.service is service and row.operation not in UNSEEN]
    assert len(rows) > 30
    purpose, who = ("well_stocked", "Amelia Okafor") if by_graph else ("partner_center_only", "")
    time = PassingTime()
    async with desk(purpose, direct=by_graph, make=partial(Hurried, time)) as running:
        time.simulator = running.simulator
        if not by_graph:
            truth = running.truth(purpose)
            notable = set(truth["notable"].values())
            plain = [u for u in truth["users"] if not u["roles"] and u["id"] not in notable]
            who = next(u["displayName"] for u in plain if u["usageLocation"])
        missed, session = [], running.program.desk.session
        possible = session.capabilities()
        for row in rows:
            drive, method, path = PLACES[service][row.operation]
            body = json.loads(row.body())
            running.simulator.faults.add(
                Fault(
                    FaultKind.ANSWER,
                    method=method,
                    path=path,
                    status=row.status,
                    body=body,
                    times=None,
                )
            )
            said = await drive(running, who)
            running.simulator.faults.clear()
            _tells_nobody(said)
            text = " ".join(said)
            if _sentence(row) not in text or row.says not in text:
                missed.append((row.name, _sentence(row), row.says, said))
            if row.refusal is Refusal.ROLE_MISSING:
                await refresh(running)  # until then it is not offered again
                await seen(lambda: session.capabilities() == possible, "it is offered again")
        assert missed == []
