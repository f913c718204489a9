"""Builds tenants from short recipes: subscriptions, people, licences, groups, deleted users."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from o365desk.simulator import catalog, licensing, roles
from o365desk.simulator.ids import guid, guid_of, number
from o365desk.simulator.people import JOBS, draw_of, person
from o365desk.simulator.state import (
    AssignedLicense,
    Domain,
    Gdap,
    Group,
    Subscription,
    SubscriptionKind,
    SubscriptionStatus,
    Tenant,
    User,
)

DAY = timedelta(days=1)
FULL_GDAP = frozenset({roles.READERS, roles.USER, roles.LICENSE, roles.HELPDESK})
_COPRIME = 7919
"""A step through the users that scatters licences over the list; prime, larger than no tenant's
number of users shares a factor with it except its multiples, which no recipe uses."""
_VERB: Final = {"P1M": 30, "P1Y": 365, "P3Y": 1095}


@dataclass(frozen=True, slots=True)
class World:
    """A built world: the reseller, its customers, and which customer shows which trouble."""

    name: str
    seed: int
    start: datetime
    partner: Tenant
    customers: tuple[Tenant, ...]
    purposes: dict[str, str]
    """Purpose (see worlds.py) to tenant id."""

    def customer(self, purpose: str) -> str:
        """The tenant id of the customer that shows this trouble."""
        return self.purposes[purpose]


@dataclass(frozen=True, slots=True)
class Sub:
    """A subscription of a recipe."""

    part: str
    quantity: int
    status: SubscriptionStatus = SubscriptionStatus.ENABLED
    term: str = "P1Y"
    trial: bool = False
    friendly: str = ""
    age: int = 200
    """Days since it was bought."""
    ends_in: int | None = None
    """Days until its term ends; by default the next anniversary."""
    kind: SubscriptionKind = SubscriptionKind.LICENSE
    offer: str = ""
    publisher: str = "Microsoft Corporation"


class Builder:
    """Fills one tenant; a recipe calls its methods in order."""

    def __init__(self, tenant: Tenant, seed: int, start: datetime, home: str) -> None:
        self.tenant = tenant
        self.seed = number(seed, tenant.tenant_id)
        self.start = start
        self.home = home
        self._names: dict[str, int] = {}
        self._compatible: dict[frozenset[str], bool] = {}

    def subscriptions(self, *subs: Sub) -> None:
        """Buys products."""
        tenant = self.tenant
        for sub in subs:
            place = len(tenant.subscriptions)
            product = catalog.by_part_number().get(sub.part)
            created = self.start - sub.age * DAY
            term = _VERB[sub.term]
            ends_in = sub.ends_in if sub.ends_in is not None else term - sub.age % term
            tenant.subscriptions.append(
                Subscription(
                    guid_of(tenant.tenant_id, "subscription", place),
                    guid_of(tenant.tenant_id, "commerce", place),
                    product.sku_id if product else "",
                    sub.quantity,
                    sub.status,
                    sub.offer or (product.name if product else sub.part),
                    sub.friendly or sub.offer or (product.name if product else sub.part),
                    created.replace(microsecond=0),
                    (self.start + ends_in * DAY).replace(hour=0, minute=0, second=0, microsecond=0),
                    sub.term,
                    sub.trial,
                    sub.kind,
                    sub.publisher,
                    parent=self._parent(sub.part),
                )
            )

    def _parent(self, part: str) -> str:
        if part != "EXCHANGEARCHIVE_ADDON":
            return ""
        return self.tenant.subscriptions[0].commerce_id if self.tenant.subscriptions else ""

    def azure(self) -> None:
        """An Azure usage subscription: no seats, no product of the licence list (S43)."""
        self.subscriptions(
            Sub("", 1, kind=SubscriptionKind.AZURE, offer="Azure plan", term="P1M", age=400)
        )

    def marketplace(self, offer: str, publisher: str, quantity: int) -> None:
        """A third party's software: Microsoft bills it, yet it is no Microsoft product (S43)."""
        self.subscriptions(
            Sub(
                "",
                quantity,
                kind=SubscriptionKind.MARKETPLACE,
                offer=offer,
                publisher=publisher,
                term="P1M",
                age=75,
            )
        )

    def people(self, count: int, *, domain: str = "", special: bool = True) -> list[User]:
        """Hires people; the first two are the administrator and the helpdesk when special."""
        tenant = self.tenant
        suffix = "@" + (domain or tenant.default_domain)
        seed, start, home, names = self.seed, self.start, self.home, self._names
        country, city, phone = tenant.country, tenant.city, "+44 20 7946 0"
        made: list[User] = []
        seq = tenant.last_seq
        for index in range(seq, seq + count):
            draw = draw_of(seed, index)
            who = person(draw, home)
            local = who.local
            again = names.get(local, 0)
            names[local] = again + 1
            if again:
                local = f"{local}{again + 1}"
            job, department = JOBS[(draw >> 44) % 12]
            created = start - timedelta(days=40 + draw % 1400, seconds=draw % 86400)
            user = User(
                guid(seed + index),
                index + 1,
                local + suffix,
                who.display,
                who.given,
                who.surname,
                country,
                created,
                {},
                True,
                None,
                job,
                department,
                f"{draw % 4 + 1}/{draw % 900 + 100}",
                None,
                who.language,
                country,
                city,
                f"{phone}{draw % 1000:03d}",
                _signed_in(draw, created, start),
            )
            tenant.users[user.user_id] = user
            tenant.upns[user.upn.lower()] = user.user_id
            made.append(user)
        tenant.last_seq += count
        if special and count:
            self._special(made)
        return made

    def _special(self, made: list[User]) -> None:
        made[0].roles = (roles.GLOBAL,)
        self.tenant.notable["admin"] = made[0].user_id
        if len(made) > 1:
            made[1].roles = (roles.HELPDESK,)
            self.tenant.notable["helpdesk"] = made[1].user_id
        if len(made) > 2:
            self.tenant.notable["plain"] = made[2].user_id

    def license(self, users: list[User], *spread: tuple[str, int]) -> None:
        """Gives each product to so many users, scattered, and only where plans agree."""
        size = len(users)
        products = catalog.by_part_number()
        cursor = 0
        order = [users[index * _COPRIME % size] for index in range(size)]
        for part, wanted in spread:
            product = products[part]
            held = AssignedLicense((), self.start - 60 * DAY)
            given = 0
            for step in range(size):
                if given == wanted:
                    break
                user = order[(cursor + step) % size]
                if self._agrees(user, product.sku_id):
                    user.direct[product.sku_id] = held
                    given += 1
            if given < wanted:
                raise ValueError(f"{self.tenant.name}: only {given} users can hold {part}")
            cursor += wanted

    def _agrees(self, user: User, sku_id: str) -> bool:
        if sku_id in user.direct or user.user_type == "Guest":
            return False
        wish = frozenset((*user.direct, sku_id))
        known = self._compatible.get(wish)
        if known is None:
            enabled = licensing.enabled_plans([(sku, ()) for sku in wish])
            known = (
                catalog.exclusion_violation(enabled) is None
                and catalog.dependency_violation(enabled) is None
            )
            self._compatible[wish] = known
        return known

    def disable_plans(self, user: User, part: str, *names: str) -> None:
        """Switches plans off inside a licence the user holds."""
        product = catalog.by_part_number()[part]
        off = tuple(plan.plan_id for plan in product.plans if plan.name in names)
        user.direct[product.sku_id] = AssignedLicense(off, self.start - 30 * DAY)

    def group(self, name: str, parts: tuple[str, ...], members: list[User]) -> Group:
        """A group whose licences flow to its members."""
        tenant = self.tenant
        group = Group(
            guid_of(tenant.tenant_id, "group", name),
            name,
            {
                catalog.by_part_number()[part].sku_id: AssignedLicense((), self.start - 90 * DAY)
                for part in parts
            },
        )
        tenant.groups[group.group_id] = group
        for user in members:
            user.groups = (*user.groups, group.group_id)
        return group

    def guest(self, name: str, mail: str) -> User:
        """An invited guest; the UPN holds #EXT# as published."""
        tenant = self.tenant
        given, _blank, surname = name.partition(" ")
        seq = tenant.next_seq()
        user = User(
            guid(self.seed + seq + 0x6E5),
            seq,
            f"{mail.replace('@', '_')}#EXT#@{tenant.initial_domain}",
            name,
            given,
            surname,
            None,
            self.start - 100 * DAY,
            {},
            mail=mail,
            user_type="Guest",
            other_mails=(mail,),
        )
        tenant.add(user)
        return user

    def deleted(self, user: User, ago: timedelta) -> None:
        """Moves a user to the deleted ones as of some time ago."""
        tenant = self.tenant
        del tenant.users[user.user_id]
        del tenant.upns[user.upn.lower()]
        user.deleted_at = self.start - ago
        tenant.deleted[user.user_id] = user

    def finish(self) -> None:
        """Mailboxes for those whose plans hold one, then the counters."""
        tenant = self.tenant
        mailbox = {
            product.sku_id
            for product in catalog.products().values()
            if product.plan_ids & catalog.MAILBOX_PLANS
        }
        for group in tenant.groups.values():
            if group.licenses.keys() & mailbox:
                for user in tenant.users.values():
                    if group.group_id in user.groups:
                        user.mail = user.mail or user.upn
        for pool in (tenant.users, tenant.deleted):
            for user in pool.values():
                if user.mail is None and not mailbox.isdisjoint(user.direct):
                    user.mail = user.upn
        tenant.consumed = tenant.recount()


def _signed_in(draw: int, created: datetime, start: datetime) -> datetime | None:
    """Most people work; of thirteen one never came, and one left long ago."""
    match draw % 13:
        case 4:
            return None
        case 9:
            return created + (start - created) * (draw % 89) / 100
    return start - timedelta(hours=draw % 900)


Fill = Callable[[Builder], None]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a tenant sits, for addresses and languages."""

    country: str
    city: str
    postal_code: str
    street: str
    language: str


def make_tenant(
    seed: int,
    start: datetime,
    name: str,
    slug: str,
    place: Place,
    fill: Fill,
    *,
    gdap: frozenset[str] | None = FULL_GDAP,
    delegated_access: bool = False,
    federated: str = "",
    customer: bool = True,
) -> Tenant:
    """A tenant whose head is ready and whose content is made at first touch."""
    tenant_id = guid_of(seed, "tenant", slug)
    domains = [
        Domain(f"{slug}.example", is_default=True),
        Domain(f"{slug}.onmicrosoft.com", is_initial=True),
        Domain(f"{slug}-new.example", is_verified=False),
    ]
    if federated:
        domains.append(Domain(federated, is_federated=True))
    tenant = Tenant(
        tenant_id,
        name,
        tuple(domains),
        place.country,
        place.city,
        place.postal_code,
        place.street,
        language=place.language[:2],
        is_customer=customer,
        delegated_access=delegated_access,
        banned_words=(slug,),
        created=start - 1500 * DAY,
    )
    if gdap is not None and customer:
        tenant.gdap = Gdap(
            f"{guid_of(tenant_id, 'gdap')}-{guid_of(tenant_id, 'gdap', 2)}",
            f"{name} administration",
            gdap,
            start - 300 * DAY,
            start + 430 * DAY,
        )

    def populate(empty: Tenant) -> None:
        builder = Builder(empty, seed, start, place.language)
        fill(builder)
        builder.finish()

    tenant.populate = populate
    return tenant
