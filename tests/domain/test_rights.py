"""Who may do what, to whom: Microsoft's tables, cell by cell, and what is said about them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from o365desk.domain import roles
from o365desk.domain.access import Service
from o365desk.domain.acts import Act
from o365desk.domain.directory import UserId
from o365desk.domain.rights import (
    NOBODY_SPECIAL,
    WHO_MAY,
    Caution,
    Holder,
    Relation,
    RelationState,
    Source,
    TenantRights,
    all_roles,
    ended,
    ends_soon,
    least_role,
    merged_refusals,
    who_may,
)
from o365desk.domain.roles import UNNAMED, RoleId

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
DAY = timedelta(days=1)
EXCHANGE = RoleId("29232cdf-9323-42fd-ade2-1d097af3e4de")
CUSTOM = RoleId("11111111-2222-4333-8444-555555555555")
ACTORS = {
    "Password": roles.PASSWORD,
    "Helpdesk": roles.HELPDESK,
    "Auth": roles.AUTHENTICATION,
    "User": roles.USER,
    "PrivAuth": roles.PRIVILEGED_AUTHENTICATION,
    "Global": roles.GLOBAL,
}
TARGETS = {
    "no role": NOBODY_SPECIAL,
    "Directory Readers": Holder(frozenset({roles.READERS})),
    "Guest Inviter": Holder(frozenset({roles.GUEST_INVITER})),
    "Password": Holder(frozenset({roles.PASSWORD})),
    "Message Center Reader": Holder(frozenset({roles.MESSAGE_READER})),
    "Reports Reader": Holder(frozenset({roles.REPORTS_READER})),
    "Usage Summary": Holder(frozenset({roles.USAGE_READER})),
    "User Experience": Holder(frozenset({roles.EXPERIENCE})),
    "Helpdesk": Holder(frozenset({roles.HELPDESK})),
    "Auth": Holder(frozenset({roles.AUTHENTICATION})),
    "Groups": Holder(frozenset({roles.GROUPS})),
    "User": Holder(frozenset({roles.USER})),
    "PrivAuth": Holder(frozenset({roles.PRIVILEGED_AUTHENTICATION})),
    "PrivRole": Holder(frozenset({roles.PRIVILEGED_ROLE})),
    "Global": Holder(frozenset({roles.GLOBAL})),
    "Exchange": Holder(frozenset({EXCHANGE})),
    "custom": Holder(frozenset({CUSTOM})),
    "in a role group": Holder(in_role_group=True),
}
# The published tables, in the order of ACTORS; "all other built-in and custom roles" twice.
RESETS = {
    "no role": "xxxxxx",
    "Directory Readers": "xxxxxx",
    "Guest Inviter": "xxxxxx",
    "Password": "xxxxxx",
    "Message Center Reader": ".xxxxx",
    "Reports Reader": ".xxxxx",
    "Usage Summary": ".xxxxx",
    "User Experience": ".xxxxx",
    "Helpdesk": ".x.xxx",
    "Auth": "..x.xx",
    "Groups": "...xxx",
    "User": "...xxx",
    "PrivAuth": "....xx",
    "PrivRole": "....xx",
    "Global": "....xx",
    "Exchange": "....xx",
    "custom": "....xx",
    "in a role group": "....xx",
}
DELETES = {
    "no role": "..xxxx",
    "Directory Readers": "..xxxx",
    "Guest Inviter": "..xxxx",
    "Password": "..xxxx",
    "Message Center Reader": "..xxxx",
    "Reports Reader": "..xxxx",
    "Usage Summary": "..xxxx",
    "User Experience": "..xxxx",
    "Helpdesk": "...xxx",
    "Auth": "..x.xx",
    "Groups": "...xxx",
    "User": "...xxx",
    "PrivAuth": "....xx",
    "PrivRole": "....xx",
    "Global": "....xx",
    "Exchange": "....xx",
    "custom": "....xx",
    "in a role group": "....xx",
}


def marks(act: Act, target: str) -> str:
    allowed = who_may(act, TARGETS[target])
    return "".join("x" if role in allowed else "." for role in ACTORS.values())


@pytest.mark.parametrize("target", TARGETS)
def test_who_can_reset_passwords(target: str) -> None:
    assert marks(Act.RESET_PASSWORD, target) == RESETS[target]


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("act", [Act.DELETE, Act.RESTORE])
def test_who_can_perform_sensitive_actions(act: Act, target: str) -> None:
    assert marks(act, target) == DELETES[target]


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("act", [Act.LICENSE, Act.EDIT])
def test_licenses_and_names_of_administrators_are_no_exception(act: Act, target: str) -> None:
    assert who_may(act, TARGETS[target]) == WHO_MAY[Service.GRAPH][act]


def test_of_two_roles_the_one_out_of_reach_protects() -> None:
    both = Holder(frozenset({roles.HELPDESK, roles.AUTHENTICATION}))
    allowed = who_may(Act.RESET_PASSWORD, both)
    assert allowed == {roles.PRIVILEGED_AUTHENTICATION, roles.GLOBAL}


@pytest.mark.parametrize(
    ("service", "held", "possible"),
    [
        (Service.GRAPH, {roles.LICENSE}, {Act.LICENSE}),
        (Service.GRAPH, {roles.HELPDESK}, {Act.RESET_PASSWORD}),
        (Service.PARTNER_CENTER, {roles.HELPDESK}, set()),
        (Service.GRAPH, {roles.WRITERS}, {Act.LICENSE, Act.CREATE, Act.EDIT, Act.RESTORE}),
        (Service.PARTNER_CENTER, {roles.WRITERS}, {Act.LICENSE, Act.RESTORE}),
        (Service.GRAPH, {roles.AUTHENTICATION}, set(Act) - {Act.LICENSE, Act.CREATE}),
        (Service.PARTNER_CENTER, {roles.PRIVILEGED_AUTHENTICATION}, {Act.RESET_PASSWORD}),
        (Service.GRAPH, {roles.READERS, roles.GROUPS}, set()),
        (Service.GRAPH, {roles.USER}, set(Act)),
        (Service.PARTNER_CENTER, {roles.USER}, set(Act)),
        (Service.PARTNER_CENTER, {roles.GLOBAL}, set(Act)),
        (Service.GRAPH, {CUSTOM, roles.READERS}, set(Act)),
        (Service.GRAPH, {UNNAMED}, set(Act)),
        (Service.GRAPH, None, set(Act)),
        (Service.GRAPH, set(), set()),
    ],
    ids=[
        "license",
        "helpdesk",
        "helpdesk, partner center",
        "writers",
        "writers, partner center",
        "authentication",
        "privileged authentication, partner center",
        "readers",
        "user",
        "user, partner center",
        "global, partner center",
        "custom",
        "unnamed",
        "unknown",
        "none",
    ],
)
def test_what_roles_allow(service: Service, held: set[RoleId] | None, possible: set[Act]) -> None:
    rights = TenantRights("Contoso", service, roles=None if held is None else frozenset(held))
    assert set(Act) - rights.refused.keys() == possible


@pytest.mark.parametrize("service", Service)
@pytest.mark.parametrize("act", Act)
def test_the_role_to_ask_for_is_enough(act: Act, service: Service) -> None:
    held = frozenset({least_role(act, service)})
    assert act not in TenantRights("Contoso", service, roles=held).refused


@pytest.mark.parametrize(
    ("rights", "expected"),
    [
        (
            TenantRights("Contoso", source=Source.RELATION, roles=frozenset({roles.READERS})),
            "License Administrator is missing for Contoso. "
            "Ask Contoso to approve a GDAP relationship that includes it.",
        ),
        (
            TenantRights(
                "Contoso",
                source=Source.RELATION,
                roles=frozenset(),
                offered=frozenset({roles.LICENSE}),
            ),
            "License Administrator is missing for Contoso. "
            "The GDAP relationship has it, but none of your security groups: ask your "
            "Partner Center administrator to give it to one of them.",
        ),
        (
            TenantRights("Contoso", roles=frozenset()),
            "License Administrator is missing for Contoso. "
            "Ask a Global Administrator to assign it, or activate it, then refresh (F5).",
        ),
        (
            TenantRights("Contoso", source=Source.RELATION, ended=datetime(2026, 3, 3, tzinfo=UTC)),
            "The GDAP relationship with Contoso ended on 3 March 2026. "
            "Ask Contoso to approve a new one.",
        ),
        (
            TenantRights("Contoso").without(Act.LICENSE),
            "Microsoft refused this for Contoso: License Administrator seems to be missing. "
            "Refresh (F5) when you have it.",
        ),
    ],
    ids=["relation", "group", "own", "ended", "denied"],
)
def test_the_reason_names_the_role_the_tenant_and_whom_to_ask(
    rights: TenantRights, expected: str
) -> None:
    assert rights.refused[Act.LICENSE] == expected


@pytest.mark.parametrize(
    ("holder", "sentence", "title"),
    [
        (TARGETS["Global"], "Bo is a Global Administrator.", "Global Administrator"),
        (TARGETS["Exchange"], "Bo is an Exchange Administrator.", "Exchange Administrator"),
        (TARGETS["User"], "Bo is a User Administrator.", "User Administrator"),
        (TARGETS["Reports Reader"], "Bo is a Reports Reader.", "Reports Reader"),
        (TARGETS["Directory Readers"], "Bo holds the role Directory Readers.", "Directory Readers"),
        (TARGETS["custom"], "Bo holds an administrator role.", "Another administrator role"),
        (
            Holder(frozenset({EXCHANGE, roles.GLOBAL, UNNAMED, CUSTOM})),
            "Bo holds the roles Global Administrator, Exchange Administrator and "
            "another administrator role.",
            "Global Administrator, Exchange Administrator and another administrator role",
        ),
        (
            TARGETS["in a role group"],
            "Bo is in a group that can be given administrator roles.",
            "Member of a group for administrators",
        ),
    ],
    ids=["one", "an", "a User", "reader", "plural", "custom", "several", "group"],
)
def test_what_is_said_of_a_role_holder(holder: Holder, sentence: str, title: str) -> None:
    assert holder.described("Bo") == sentence
    assert holder.title == title


def test_a_role_holder_needs_a_confirmation_and_nobody_else_does() -> None:
    rights = TenantRights("Contoso", roles=frozenset({roles.GLOBAL}))
    asked = rights.protection(Act.DELETE, "Bo", TARGETS["Global"])
    assert (asked.caution, asked.sentence) == (Caution.CONFIRM, "Bo is a Global Administrator.")
    assert asked.intent == "I mean to delete this account."
    assert rights.protection(Act.DELETE, "Bo", NOBODY_SPECIAL).caution is Caution.NONE
    assert rights.protection(Act.LICENSE, "Bo", TARGETS["Global"]).caution is Caution.NONE
    unknown = replace(rights, roles=None)
    assert unknown.protection(Act.DELETE, "Bo", TARGETS["Global"]).caution is Caution.CONFIRM


def test_what_the_table_forbids_is_said_with_the_roles_it_takes() -> None:
    rights = TenantRights("Contoso", roles=frozenset({roles.USER}))
    refused = rights.protection(Act.RESET_PASSWORD, "Bo", TARGETS["Global"])
    assert refused.caution is Caution.FORBIDDEN
    assert refused.sentence == (
        "Bo is a Global Administrator. Resetting this password takes Global Administrator or "
        "Privileged Authentication Administrator."
    )
    through_partner_center = replace(rights, service=Service.PARTNER_CENTER)
    deletes = through_partner_center.forbidden(Act.DELETE, "Bo", TARGETS["Global"])
    assert deletes.endswith("Deleting this account takes Global Administrator.")


def test_what_is_not_known_forbids_nothing() -> None:
    nothing = TenantRights("Contoso")
    assert nothing.refused == {}
    assert nothing.holder(UserId("u")) is None
    assert nothing.forbidden(Act.DELETE, "Bo", TARGETS["Global"]) == ""
    some = TenantRights("Contoso", roles=frozenset({roles.HELPDESK}))
    assert some.forbidden(Act.RESET_PASSWORD, "Bo", None) == ""
    unnamed = Holder(frozenset({UNNAMED}))
    assert some.forbidden(Act.RESET_PASSWORD, "Bo", unnamed) == ""
    assert some.protection(Act.RESET_PASSWORD, "Bo", unnamed).caution is Caution.CONFIRM


def test_of_several_refusals_the_first_wins() -> None:
    merged = merged_refusals({Act.EDIT: "cloud"}, {Act.EDIT: "role", Act.DELETE: "role"}, {})
    assert merged == {Act.EDIT: "cloud", Act.DELETE: "role"}


# ---- relationships -----------------------------------------------------------------------------


def relation(
    *held: RoleId,
    ends: int | None = 300,
    state: RelationState = RelationState.ACTIVE,
    extends: bool = False,
) -> Relation:
    end = None if ends is None else NOW + ends * DAY
    return Relation("r", frozenset(held), state, end, extends)


OVER = RelationState.OVER


@pytest.mark.parametrize(
    ("relations", "days"),
    [
        ([], None),
        ([relation(ends=-3, state=OVER), relation(ends=-9, state=OVER)], -3),
        ([relation(ends=-3, state=OVER), relation(ends=9)], None),
        ([relation(ends=-3, state=OVER), relation(state=RelationState.CHANGING)], None),
        ([relation(ends=-3, state=OVER), relation(state=RelationState.COMING)], -3),
        ([relation(ends=None, state=RelationState.COMING)], None),
        ([relation(ends=-1)], -1),
        ([relation(ends=40, state=OVER)], 0),
    ],
    ids=["none", "last", "living", "changing", "coming", "only coming", "just now", "terminated"],
)
def test_when_the_last_relationship_ended(relations: list[Relation], days: int | None) -> None:
    assert ended(relations, NOW) == (None if days is None else NOW + days * DAY)


@pytest.mark.parametrize(
    ("relations", "days"),
    [
        ([relation(roles.USER, ends=5)], 5),
        ([relation(roles.USER, ends=31)], None),
        ([relation(roles.USER, ends=5, extends=True)], None),
        ([relation(roles.USER, ends=None)], None),
        ([relation(roles.USER, ends=5), relation(roles.USER, roles.LICENSE)], None),
        ([relation(roles.USER, ends=5), relation(roles.LICENSE)], 5),
        ([relation(roles.USER, ends=5), relation(roles.USER, ends=9)], 5),
        ([relation(roles.USER, ends=5), relation(roles.USER, ends=9, extends=True)], None),
        ([relation(roles.USER, ends=-5, state=OVER)], None),
    ],
    ids=[
        "soon",
        "later",
        "extended",
        "open end",
        "kept up",
        "not kept up",
        "both soon",
        "one extended",
        "over",
    ],
)
def test_a_relationship_that_ends_soon(relations: list[Relation], days: int | None) -> None:
    assert ends_soon(relations, NOW) == (None if days is None else NOW + days * DAY)


@pytest.mark.parametrize(
    ("ends", "expected"),
    [
        (5 * DAY, "ends on 27 November 2026, in 5 days."),
        (DAY, "ends on 23 November 2026, tomorrow."),
        (timedelta(hours=2), "ends on 22 November 2026, today."),
        (timedelta(0), ""),
        (31 * DAY, ""),
    ],
    ids=["days", "tomorrow", "today", "over", "far"],
)
def test_the_coming_end_in_words(ends: timedelta, expected: str) -> None:
    said = TenantRights("Contoso", ends=NOW + ends).ending(NOW)
    assert said == (f"The GDAP relationship with Contoso {expected}" if expected else "")


def test_roles_of_several_relationships_add_up() -> None:
    assert all_roles([relation(roles.USER), relation(roles.LICENSE)]) == {roles.USER, roles.LICENSE}


def test_every_role_this_program_speaks_of_has_a_name() -> None:
    spoken = {value for value in vars(roles).values() if isinstance(value, str) and "-" in value}
    ids = {value for value in spoken if len(value) == 36}
    assert len(ids) >= 15
    assert ids <= roles.BUILT_IN.keys()
    assert len(set(roles.BUILT_IN.values())) == len(roles.BUILT_IN)
