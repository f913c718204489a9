"""The `demo` world: a reseller with thirteen customers, one of every trouble."""

from datetime import datetime, timedelta

from o365desk.simulator import catalog, roles
from o365desk.simulator.identity_accounts import UNCONSENTED, hire, name_helpdesk
from o365desk.simulator.state import SubscriptionStatus, Tenant
from o365desk.simulator.world import (
    DAY,
    FULL_GDAP,
    Builder,
    Fill,
    Place,
    Sub,
    World,
    make_tenant,
)

GB = Place("GB", "Bristol", "BS1 4ND", "12 Harbourside Walk", "en-GB")
CZ = Place("CZ", "Brno", "602 00", "Pekařská 7", "cs-CZ")
GR = Place("GR", "Thessaloniki", "546 22", "Οδός Τσιμισκή 41", "el-GR")
AE = Place("AE", "Sharjah", "00000", "Al Majaz 3", "ar-AE")
JP = Place("JP", "Kobe", "650-0001", "加納町 6-5-1", "ja-JP")
TR = Place("TR", "Izmir", "35210", "Kıbrıs Şehitleri Cd. 9", "tr-TR")
IN = Place("IN", "Pune", "411001", "MG Road 210", "hi-IN")
PL = Place("PL", "Gdańsk", "80-831", "Długa 47", "pl-PL")
VN = Place("VN", "Da Nang", "550000", "Bạch Đằng 88", "vi-VN")
DE = Place("DE", "Bremen", "28195", "Am Wall 113", "de-DE")
FR = Place("FR", "Nantes", "44000", "Quai de la Fosse 5", "fr-FR")
UA = Place("UA", "Lviv", "79000", "вул. Вірменська 3", "uk-UA")
IS = Place("IS", "Reykjavík", "101", "Laugavegur 20", "is-IS")
PLACES = (GB, CZ, GR, AE, JP, TR, IN, PL, VN, DE, FR, UA, IS)

SUSPENDED = SubscriptionStatus.SUSPENDED
WARNING = SubscriptionStatus.WARNING
DELETED = SubscriptionStatus.DELETED


def _partner(builder: Builder) -> None:
    builder.subscriptions(Sub("SPB", 10), Sub("FLOW_FREE", 10_000))
    users = builder.people(6)
    builder.license(users, ("SPB", 6), ("FLOW_FREE", 2))
    hire(builder)


def _well_stocked(builder: Builder) -> None:
    builder.subscriptions(
        Sub("SPE_E3", 30, friendly="Head office suite"),
        Sub("O365_BUSINESS_ESSENTIALS", 15),
        Sub("VISIOCLIENT", 10, friendly="Drawing room"),
        Sub("PROJECTPROFESSIONAL", 5),
        Sub("POWER_BI_PRO", 12, term="P1M"),
        Sub("D365_SALES_PRO", 6),
        Sub("DYN365_BUSCENTRAL_ESSENTIAL", 8),
        Sub("MCOEV", 8),
        Sub("Microsoft_365_Copilot", 4, trial=True, age=12, ends_in=18, term="P1M"),
        Sub("FLOW_FREE", 10_000),
        Sub("POWER_BI_STANDARD", 1_000_000),
        Sub("SHAREPOINTSTORAGE", 5),
    )
    builder.azure()
    builder.marketplace("Leafcount Inventory", "Leafcount Software", 20)
    users = builder.people(48)
    builder.license(
        users,
        ("SPE_E3", 26),
        ("O365_BUSINESS_ESSENTIALS", 12),
        ("MCOEV", 5),
        ("PROJECTPROFESSIONAL", 3),
        ("VISIOCLIENT", 4),
        ("POWER_BI_PRO", 7),
        ("D365_SALES_PRO", 3),
        ("DYN365_BUSCENTRAL_ESSENTIAL", 5),
        ("Microsoft_365_Copilot", 2),
        ("FLOW_FREE", 9),
        ("POWER_BI_STANDARD", 6),
    )
    e3 = catalog.by_part_number()["SPE_E3"].sku_id
    holders = [user for user in users if e3 in user.direct]
    builder.disable_plans(holders[0], "SPE_E3", "YAMMER_ENTERPRISE", "SWAY")
    builder.tenant.notable["plans_off"] = holders[0].user_id
    admin = builder.tenant.users[builder.tenant.notable["admin"]]
    admin.mail = admin.upn
    if e3 not in admin.direct:
        admin.direct = dict(holders[-1].direct)
        builder.disable_plans(admin, "SPE_E3")
        holders[-1].direct = {}
    builder.deleted(users[20], 4 * DAY)
    builder.tenant.notable["deleted"] = users[20].user_id
    builder.tenant.notable["guest"] = builder.guest("Ravi Desai", "ravi@visitor.example").user_id


def _no_seats(builder: Builder) -> None:
    builder.subscriptions(
        Sub("SPB", 18, friendly="Practice licenses"),
        Sub("POWER_BI_PRO", 2),
        Sub("VISIOONLINE_PLAN1", 3),
        Sub("FLOW_FREE", 10_000),
    )
    users = builder.people(22)
    builder.license(users, ("SPB", 18), ("POWER_BI_PRO", 2), ("VISIOONLINE_PLAN1", 1))
    spb = catalog.by_part_number()["SPB"].sku_id
    builder.tenant.notable["unlicensed"] = next(
        user.user_id for user in users if spb not in user.direct
    )


def _suspended(builder: Builder) -> None:
    builder.subscriptions(
        Sub("O365_BUSINESS_PREMIUM", 20),
        Sub("CRMSTANDARD", 25, SUSPENDED, ends_in=-70),
        Sub("VISIOCLIENT", 5, SUSPENDED, ends_in=-45),
        Sub("EXCHANGESTANDARD", 4, WARNING, ends_in=-9),
        Sub("DYN365_BUSCENTRAL_PREMIUM", 6),
    )
    users = builder.people(26)
    builder.license(
        users,
        ("O365_BUSINESS_PREMIUM", 17),
        ("EXCHANGESTANDARD", 2),
        ("CRMSTANDARD", 14),
        ("VISIOCLIENT", 3),
        ("DYN365_BUSCENTRAL_PREMIUM", 4),
    )


def _two_subscriptions(builder: Builder) -> None:
    builder.subscriptions(
        Sub("SPB", 20, friendly="Survey team"),
        Sub("SPB", 6, term="P1M", age=10, friendly="Summer staff"),
        Sub("VISIOCLIENT", 4),
        Sub("VISIOCLIENT", 3, SUSPENDED, ends_in=-40),
        Sub("PROJECTPROFESSIONAL", 3, term="P3Y"),
        Sub("PROJECT_P1", 5, WARNING, ends_in=-6),
        Sub("PROJECT_P1", 2),
    )
    users = builder.people(34)
    builder.license(
        users, ("SPB", 23), ("VISIOCLIENT", 4), ("PROJECTPROFESSIONAL", 2), ("PROJECT_P1", 3)
    )


def _deleted(builder: Builder) -> None:
    builder.subscriptions(
        Sub("O365_BUSINESS_PREMIUM", 16), Sub("VISIOCLIENT", 5), Sub("FLOW_FREE", 10_000)
    )
    users = builder.people(21)
    builder.license(users, ("O365_BUSINESS_PREMIUM", 18), ("VISIOCLIENT", 4), ("FLOW_FREE", 3))
    suite = catalog.by_part_number()["O365_BUSINESS_PREMIUM"].sku_id
    leavers = [user for user in users[3:] if suite in user.direct][:5]
    ages = (
        ("deleted_3_days", 3 * DAY),
        ("deleted_29_days", 29 * DAY),
        ("deleted_29_days_23_hours", 29 * DAY + timedelta(hours=23)),
        ("deleted_31_days", 31 * DAY),
        ("deleted_upn_taken", 8 * DAY),
    )
    for user, (purpose, ago) in zip(leavers, ages, strict=True):
        builder.deleted(user, ago)
        builder.tenant.notable[purpose] = user.user_id
    # Someone new got the user name of the last leaver meanwhile: a plain restore must fail.
    successor = builder.people(1, special=False)[0]
    del builder.tenant.upns[successor.upn.lower()]
    successor.upn = leavers[-1].upn
    builder.tenant.upns[successor.upn.lower()] = successor.user_id
    builder.tenant.notable["upn_taker"] = successor.user_id


def _synced(builder: Builder) -> None:
    builder.subscriptions(
        Sub("ENTERPRISEPACK", 40), Sub("AAD_PREMIUM", 40), Sub("STANDARDPACK", 10)
    )
    users = builder.people(6)
    federated = next(domain.name for domain in builder.tenant.domains if domain.is_federated)
    synced = builder.people(34, domain=federated, special=False)
    for index, user in enumerate(synced):
        user.synced = True
        user.immutable_id = f"c3luY2VkLXVzZXI{index:04d}A=="
    # Some synced accounts live in the managed domain: password hash sync, not federation.
    for user in synced[-6:]:
        del builder.tenant.upns[user.upn.lower()]
        user.upn = f"{user.upn.partition('@')[0]}@{builder.tenant.default_domain}"
        builder.tenant.upns[user.upn.lower()] = user.user_id
    builder.license(users + synced, ("ENTERPRISEPACK", 30), ("STANDARDPACK", 6))
    builder.license(synced, ("AAD_PREMIUM", 25))
    builder.tenant.notable["synced"] = synced[-1].user_id
    builder.tenant.notable["federated"] = synced[0].user_id
    builder.tenant.notable["cloud_only"] = users[3].user_id


def _large(builder: Builder) -> None:
    builder.subscriptions(
        Sub("SPE_E3", 1500),
        Sub("SPE_F1", 800),
        Sub("SPE_E5", 60),
        Sub("POWER_BI_PRO", 300),
        Sub("VISIOCLIENT", 120),
        Sub("PROJECTPROFESSIONAL", 80),
        Sub("MCOEV", 200),
        Sub("Microsoft_365_Copilot", 150),
        Sub("FLOW_FREE", 10_000),
        Sub("DYN365_ENTERPRISE_SALES", 90),
        Sub("CDS_DB_CAPACITY", 20),
    )
    users = builder.people(2500)
    builder.license(
        users,
        ("SPE_E3", 1488),
        ("SPE_F1", 731),
        ("SPE_E5", 60),
        ("POWER_BI_PRO", 262),
        ("MCOEV", 180),
        ("VISIOCLIENT", 97),
        ("PROJECTPROFESSIONAL", 71),
        ("Microsoft_365_Copilot", 133),
        ("FLOW_FREE", 402),
        ("DYN365_ENTERPRISE_SALES", 55),
    )
    for user in users[40::97]:
        user.enabled = False
    for place, user in enumerate(users[60:63]):
        builder.deleted(user, (5 + 9 * place) * DAY)


def _group_licensed(builder: Builder) -> None:
    builder.subscriptions(
        Sub("SPE_E3", 24), Sub("POWER_BI_PRO", 8), Sub("VISIOCLIENT", 6), Sub("AAD_PREMIUM_P2", 5)
    )
    users = builder.people(28)
    staff = users[2:22]
    builder.group("All staff", ("SPE_E3",), staff)
    # The group holds more people than there are seats: the last two wait in error.
    analysts = builder.group("BI team", ("POWER_BI_PRO",), users[4:13])
    builder.license(users[4:6], ("POWER_BI_PRO", 2))
    builder.license(users[22:], ("VISIOCLIENT", 3))
    power_bi = catalog.by_part_number()["POWER_BI_PRO"].sku_id
    waiting = users[12]
    builder.tenant.group_errors[waiting.user_id, analysts.group_id, power_bi] = "CountViolation"
    admins = builder.group("Cloud admins", (), [users[24]])
    admins.role_assignable = True
    note = builder.tenant.notable
    note["inherited"] = users[7].user_id
    note["direct_and_group"] = users[4].user_id
    note["count_violation"] = waiting.user_id
    note["role_group_member"] = users[24].user_id


def _over_allocated(builder: Builder) -> None:
    builder.subscriptions(
        Sub("O365_BUSINESS_PREMIUM", 12), Sub("EXCHANGESTANDARD", 4), Sub("POWER_BI_PRO", 3)
    )
    users = builder.people(19)
    builder.license(
        users, ("O365_BUSINESS_PREMIUM", 14), ("EXCHANGESTANDARD", 4), ("POWER_BI_PRO", 3)
    )
    leaver = next(user for user in users[4:] if len(user.direct) == 2)
    builder.deleted(leaver, 2 * DAY)
    builder.tenant.notable["deleted"] = leaver.user_id


def _partner_center_only(builder: Builder) -> None:
    builder.subscriptions(Sub("SPB", 9), Sub("EXCHANGESTANDARD", 5), Sub("FLOW_FREE", 10_000))
    users = builder.people(13)
    builder.license(users, ("SPB", 7), ("EXCHANGESTANDARD", 3), ("FLOW_FREE", 2))
    builder.deleted(users[5], 11 * DAY)
    builder.tenant.notable["deleted"] = users[5].user_id


def _read_only_gdap(builder: Builder) -> None:
    builder.subscriptions(Sub("O365_BUSINESS_ESSENTIALS", 10), Sub("O365_BUSINESS", 6))
    users = builder.people(12)
    builder.license(users, ("O365_BUSINESS_ESSENTIALS", 8), ("O365_BUSINESS", 3))


def _tiny(builder: Builder) -> None:
    builder.subscriptions(Sub("O365_BUSINESS_PREMIUM", 4))
    builder.license(builder.people(3), ("O365_BUSINESS_PREMIUM", 2))


def _mixed(builder: Builder) -> None:
    """A SKU no longer owned, missing locations, role holders, guests, blocked accounts."""
    builder.subscriptions(
        Sub("ENTERPRISEPACK", 20),
        Sub("TEAMS_EXPLORATORY", 100, DELETED, trial=True, age=500, ends_in=-140),
        Sub("EMS", 12),
        Sub("POWERAPPS_VIRAL", 10_000),
        Sub("EXCHANGEARCHIVE_ADDON", 2),
        Sub("EXCHANGESTANDARD", 3),
        Sub("CFQ7TTC0K5DR/0002", 5),
    )
    users = builder.people(30)
    builder.license(
        users[:22],
        ("ENTERPRISEPACK", 15),
        ("EXCHANGESTANDARD", 2),
        ("EXCHANGEARCHIVE_ADDON", 1),
        ("EMS", 9),
        ("POWERAPPS_VIRAL", 4),
        ("CFQ7TTC0K5DR/0002", 1),
    )
    note = builder.tenant.notable
    builder.disable_plans(users[22], "TEAMS_EXPLORATORY")
    builder.disable_plans(users[23], "TEAMS_EXPLORATORY")
    note["orphaned_sku"] = users[22].user_id
    for user in users[24:27]:
        user.usage_location = None
    note["no_location"] = users[24].user_id
    users[27].enabled = False
    note["blocked"] = users[27].user_id
    for purpose, role, user in zip(
        ("user_admin", "license_admin", "reader", "exchange_admin"),
        (roles.USER, roles.LICENSE, roles.READERS, roles.EXCHANGE),
        users[3:7],
        strict=True,
    ):
        user.roles = (role,)
        note[purpose] = user.user_id
    note["licensed"] = next(user.user_id for user in users[7:22] if user.direct)
    note["guest"] = builder.guest("John Doe", "john.doe@visitor.example").user_id
    builder.guest("Mei Tanaka", "mei@partnerfirm.example")


_CUSTOMERS: tuple[tuple[str, str, str, Place, Fill], ...] = (
    ("well_stocked", "Tall Pine Furniture", "tallpine", GB, _well_stocked),
    ("no_seats", "Harbour Lane Dental", "harbourlane", GR, _no_seats),
    ("suspended", "Copper Kettle Brewing", "copperkettle", CZ, _suspended),
    ("two_subscriptions", "Meridian Maps", "meridianmaps", DE, _two_subscriptions),
    ("deleted", "Lanternworks Studio", "lanternworks", JP, _deleted),
    ("synced", "Greywillow Hospital", "greywillow", PL, _synced),
    ("large", "Aurora Rail", "aurorarail", TR, _large),
    ("group_licensed", "Saffron Kitchens", "saffronkitchens", IN, _group_licensed),
    ("over_allocated", "Old Mill Press", "oldmillpress", FR, _over_allocated),
    ("partner_center_only", "Blue Heron Legal", "blueheron", AE, _partner_center_only),
    ("read_only_gdap", "Quarry Road Garage", "quarryroad", UA, _read_only_gdap),
    ("tiny", "Fern & Finch", "fernandfinch", IS, _tiny),
    ("mixed", "Sable Optics", "sableoptics", VN, _mixed),
)
"""Purpose, name, domain label, place, content."""


def reseller(seed: int, start: datetime) -> Tenant:
    """The partner of every world."""
    name, slug = "Brightwater Cloud Services", "brightwater"
    return make_tenant(seed, start, name, slug, GB, _partner, customer=False)


def demo(seed: int, start: datetime) -> World:
    partner = reseller(seed, start)
    customers: list[Tenant] = []
    purposes: dict[str, str] = {}
    for purpose, name, slug, place, fill in _CUSTOMERS:
        gdap: frozenset[str] | None = FULL_GDAP
        if purpose == "partner_center_only":
            gdap = None
        elif purpose == "read_only_gdap":
            gdap = frozenset({roles.GLOBAL_READER, roles.HELPDESK})
        elif purpose == UNCONSENTED:
            gdap = FULL_GDAP | {roles.CLOUD_APPLICATION}  # with which consent can be granted
        tenant = make_tenant(
            seed,
            start,
            name,
            slug,
            place,
            fill,
            gdap=gdap,
            delegated_access=purpose == "partner_center_only",
            federated=f"login.{slug}.example" if purpose == "synced" else "",
        )
        if purpose == "read_only_gdap" and tenant.gdap is not None:
            tenant.gdap.ends = start + 5 * DAY
        name_helpdesk(tenant, purpose)
        customers.append(tenant)
        purposes[purpose] = tenant.tenant_id
    purposes["direct"] = purposes["well_stocked"]
    return World("demo", seed, start, partner, tuple(customers), purposes)
