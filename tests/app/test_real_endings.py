"""What ends in real life while somebody works: relationships, customers, sign-ins, networks."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from o365desk.app.robot import seen
from o365desk.simulator.faults import Fault, FaultKind
from o365desk.views.manage_licenses import ManageLicensesDialog
from tests.app.harness import Running, desk
from tests.app.test_journeys import sentence_at
from tests.seed.sight import (
    flip,
    held,
    in_front,
    manage,
    shown_names,
    sku,
    stands_on,
    update,
    words,
)
from tests.seed.test_password import open_create

AMELIA = "Amelia Okafor"
ASSIGN = "*/assignLicense"


def relationship_ends(running: Running, purpose: str) -> None:
    """GDAP runs out; the old delegated rights are long gone."""
    tenant = running.simulator.directory.tenant(running.tenant_id(purpose))
    assert tenant.gdap is not None
    tenant.gdap = replace(tenant.gdap, status="expired")


def customer_leaves(running: Running, purpose: str) -> None:
    """The customer has taken another reseller."""
    relationship_ends(running, purpose)
    running.simulator.directory.customers.pop(running.tenant_id(purpose))


async def refused(running: Running, dialog: ManageLicensesDialog) -> str:
    """Clicks Update; what the dialog says when it did not work."""
    running.robot.click(dialog.update_button)
    await seen(lambda: dialog.errors.isVisible() and not dialog.busy, "the dialog says why")
    return f"{said(dialog)} {sentence_at(dialog, 'VISIOCLIENT')}"


async def refresh_fails(running: Running) -> str:
    """F5; what the window then says."""
    await in_front(running)
    window = running.program.window
    running.robot.key(window, Qt.Key.Key_F5)
    await seen(window.banner.isVisible, "the window says why")
    return said(window.banner)


def said(widget: QWidget) -> str:
    return " ".join(words(widget))


@pytest.mark.parametrize("end", [relationship_ends, customer_leaves])
async def test_a_customer_lost_between_two_calls(end: Callable[[Running, str], None]) -> None:
    async with desk("well_stocked") as running:
        dialog = await manage(running, AMELIA)
        flip(running, dialog, "VISIOCLIENT", "POWER_BI_PRO")
        before, listed = held(running, "well_stocked", AMELIA), shown_names(running)
        end(running, "well_stocked")
        told = await refused(running, dialog)
        assert "Your role is not enough for this" in told
        assert "a GDAP relationship that has not ended" in told
        assert stands_on(dialog, "VISIOCLIENT")  # what was chosen is not lost with the customer
        assert stands_on(dialog, "POWER_BI_PRO")
        assert held(running, "well_stocked", AMELIA) == before
        dialog.close()
        told = await refresh_fails(running)
        if end is customer_leaves:
            assert "You have no reseller relationship with this customer (any more)." in told
        else:
            assert "Your account may not do this for this customer." in told
        assert shown_names(running) == listed  # what was read stays to be looked at


async def test_a_new_user_typed_for_a_customer_who_left_is_not_lost() -> None:
    async with desk("well_stocked") as running:
        dialog = await open_create(running)
        running.robot.type(dialog.first_name, "Wilma")
        running.robot.type(dialog.last_name, "Berg")
        customer_leaves(running, "well_stocked")
        running.robot.type(dialog.panel.mail, "wilma@private.example")
        running.robot.click(dialog.create_button)
        await seen(lambda: dialog.errors.isVisible() and not dialog.busy, "the dialog says why")
        assert "not enough for this" in said(dialog)
        assert dialog.first_name.text() == "Wilma"
        assert dialog.panel.mail.text() == "wilma@private.example"
        names = [user["displayName"] for user in running.truth("well_stocked")["users"]]
        assert "Wilma Berg" not in names


@pytest.mark.parametrize("kind", [FaultKind.CUT_AFTER, FaultKind.CUT_BEFORE])
async def test_a_write_without_an_answer_and_then_the_sign_in_is_withdrawn(kind: FaultKind) -> None:
    """Whether it happened cannot be looked up: that is what has to be said, and no more."""
    async with desk("well_stocked") as running:
        dialog = await manage(running, AMELIA)
        flip(running, dialog, "VISIOCLIENT")
        running.simulator.faults.add(
            Fault(kind, path=ASSIGN), Fault(FaultKind.CLAIMS, method="GET", times=None)
        )
        told = await refused(running, dialog)
        assert "The connection broke before Microsoft confirmed the change." in told
        assert "Refresh to see whether it was made, and only then repeat it." in told
        assert "refused" not in told
        assert stands_on(dialog, "VISIOCLIENT")
        assert [route for _, route in running.writes()] == ["/users/{id}/assignLicense"]
        # Signed in again: what was done is seen as done, what was not is one click away.
        running.simulator.faults.clear()
        await update(running, dialog)
        assert held(running, "well_stocked", AMELIA) == {sku("VISIOCLIENT")}


async def test_a_sign_in_withdrawn_during_a_write_is_told_with_the_choice_kept() -> None:
    async with desk("well_stocked") as running:
        dialog = await manage(running, AMELIA)
        flip(running, dialog, "VISIOCLIENT")
        running.simulator.faults.add(Fault(FaultKind.CLAIMS, times=None))
        told = await refused(running, dialog)
        assert "Microsoft wants the sign-in confirmed. Sign in again." in told
        assert stands_on(dialog, "VISIOCLIENT")
        assert held(running, "well_stocked", AMELIA) == set()


async def test_the_sign_in_page_of_a_network_is_not_taken_for_an_answer() -> None:
    async with desk("well_stocked") as running:
        listed = shown_names(running)
        running.simulator.faults.add(Fault(FaultKind.CAPTIVE_PORTAL, path="/users*", times=None))
        told = await refresh_fails(running)
        assert "the sign-in page of a network, a proxy or a filter" in told
        assert "Open any web page and sign in to the network" in told
        assert shown_names(running) == listed


async def test_a_sign_in_refused_while_the_clock_is_wrong_names_the_clock() -> None:
    async with desk("well_stocked") as running:
        running.simulator.advance(seconds=3 * 3600 + 60)
        running.simulator.faults.add(Fault(FaultKind.EXPIRED_TOKEN, times=None))
        told = await refresh_fails(running)
        assert "this computer's clock is 3 hours slow" in told
        assert "Set the clock (or let it be set automatically), then sign in again." in told
