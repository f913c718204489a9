"""The user entity as Graph shows it: every v1.0 property, its value, and the default selection."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from o365desk.simulator import catalog
from o365desk.simulator.graph_answers import GraphError, bad_request, stamp
from o365desk.simulator.ids import guid_of
from o365desk.simulator.state import Tenant, User

Getter = Callable[[User, Tenant], Any]

DEFAULT = (
    "businessPhones",
    "displayName",
    "givenName",
    "jobTitle",
    "mail",
    "mobilePhone",
    "officeLocation",
    "preferredLanguage",
    "surname",
    "userPrincipalName",
    "id",
)
"""What a user answer holds unless properties are selected (G:resources/users.md)."""

SINGLE_ONLY = frozenset(
    {
        "aboutme",
        "birthday",
        "hiredate",
        "interests",
        "mysite",
        "pastprojects",
        "responsibilities",
        "schools",
        "skills",
        "mailboxsettings",
        "preferredname",
    }
)
"""Asked of a collection these give 501 (G:user-list)."""

_SUCCESS_SINCE = datetime(2023, 12, 1, tzinfo=UTC)
"""From when on lastSuccessfulSignInDateTime is known; nothing was filled in
(G:resources/signinactivity.md)."""


def _upn(user: User, _tenant: Tenant) -> str:
    # The deleted user's UPN is prefixed by the object id without hyphens.
    if user.deleted_at is not None:
        return user.user_id.replace("-", "") + user.upn
    return user.upn


def _assigned_licenses(user: User, tenant: Tenant) -> list[dict[str, Any]]:
    if not user.groups:
        return [
            {"disabledPlans": list(held.disabled), "skuId": sku}
            for sku, held in user.direct.items()
            if _is_graph_sku(sku)
        ]
    merged: dict[str, list[str]] = {}
    for sku, _group, held, error in tenant.held(user):
        if error or not _is_graph_sku(sku):
            continue
        # A plan is off only where every source has it off.
        seen = merged.get(sku)
        off = list(held.disabled)
        merged[sku] = off if seen is None else [plan for plan in seen if plan in off]
    return [{"disabledPlans": off, "skuId": sku} for sku, off in merged.items()]


def _is_graph_sku(sku: str) -> bool:
    # Group 2 (Minecraft) is not managed by Entra: Partner Center alone shows it.
    product = catalog.products().get(sku)
    return product is None or product.license_group == "group1"


def _states(user: User, tenant: Tenant) -> list[dict[str, Any]]:
    return [
        {
            "skuId": sku,
            "disabledPlans": list(held.disabled),
            "assignedByGroup": group or None,
            "state": "Error" if error else "Active",
            # No error is the string None, as production answers have it.
            "error": error or "None",
            "lastUpdatedDateTime": stamp(held.updated),
        }
        for sku, group, held, error in tenant.held(user)
        if _is_graph_sku(sku)
    ]


_SERVICES = (
    ("EXCHANGE", "exchange"),
    ("SHAREPOINT", "SharePoint"),
    ("MCO", "MicrosoftCommunicationsOnline"),
    ("AAD", "AADPremiumService"),
    ("INTUNE", "SCO"),
)


def _service(plan_name: str) -> str:
    return next((name for prefix, name in _SERVICES if plan_name.startswith(prefix)), plan_name)


def _assigned_plans(user: User, tenant: Tenant) -> list[dict[str, Any]]:
    result = []
    for sku, _group, held, error in tenant.held(user):
        product = catalog.products().get(sku)
        if product is None or error or product.license_group != "group1":
            continue
        result += [
            {
                "assignedDateTime": stamp(held.updated),
                "capabilityStatus": "Enabled",
                "service": _service(plan.name),
                "servicePlanId": plan.plan_id,
            }
            for plan in product.plans
            if plan.plan_id not in held.disabled
        ]
    return result


def _provisioned_plans(user: User, tenant: Tenant) -> list[dict[str, Any]]:
    services = {plan["service"] for plan in _assigned_plans(user, tenant)}
    return [
        {"capabilityStatus": "Enabled", "provisioningStatus": "Success", "service": service}
        for service in sorted(services)
    ]


def _sign_in(user: User, _tenant: Tenant) -> dict[str, Any] | None:
    if user.signed_in is None:
        return None
    moment, request_id = stamp(user.signed_in), guid_of(user.user_id, "sign-in")
    noted = user.signed_in >= _SUCCESS_SINCE
    return {
        "lastSignInDateTime": moment,
        "lastSignInRequestId": request_id,
        "lastNonInteractiveSignInDateTime": moment,
        "lastNonInteractiveSignInRequestId": request_id,
        "lastSuccessfulSignInDateTime": moment if noted else None,
        "lastSuccessfulSignInRequestId": request_id if noted else None,
    }


def _identities(user: User, tenant: Tenant) -> list[dict[str, Any]]:
    return [
        {
            "signInType": "userPrincipalName",
            "issuer": tenant.initial_domain,
            "issuerAssignedId": user.upn,
        }
    ]


def _synced(value: Callable[[User], Any]) -> Getter:
    return lambda user, _tenant: value(user) if user.synced else None


_MADE: dict[str, Getter] = {
    "id": lambda user, _t: user.user_id,
    "deletedDateTime": lambda user, _t: stamp(user.deleted_at),
    "accountEnabled": lambda user, _t: user.enabled,
    "assignedLicenses": _assigned_licenses,
    "assignedPlans": _assigned_plans,
    "businessPhones": lambda user, _t: [user.phone] if user.phone else [],
    "city": lambda user, _t: user.city,
    "companyName": lambda user, _t: user.company,
    "country": lambda user, _t: user.country,
    "createdDateTime": lambda user, _t: stamp(user.created),
    "creationType": lambda user, _t: "Invitation" if user.user_type == "Guest" else None,
    "department": lambda user, _t: user.department,
    "displayName": lambda user, _t: user.display_name,
    "externalUserState": lambda user, _t: "Accepted" if user.user_type == "Guest" else None,
    "givenName": lambda user, _t: user.given_name,
    "identities": _identities,
    "jobTitle": lambda user, _t: user.job_title,
    "lastPasswordChangeDateTime": lambda user, _t: stamp(user.password_changed or user.created),
    "licenseAssignmentStates": _states,
    "mail": lambda user, _t: user.mail,
    "mailNickname": lambda user, _t: user.mail_nickname(),
    "mobilePhone": lambda user, _t: user.mobile,
    "officeLocation": lambda user, _t: user.office,
    "onPremisesImmutableId": lambda user, _t: user.immutable_id,
    "onPremisesSyncEnabled": lambda user, _t: True if user.synced else None,
    "onPremisesDomainName": _synced(lambda user: "corp.local"),
    "onPremisesDistinguishedName": _synced(
        lambda user: f"CN={user.display_name},OU=Staff,DC=corp,DC=local"
    ),
    "onPremisesLastSyncDateTime": _synced(lambda user: stamp(user.signed_in or user.created)),
    "onPremisesSamAccountName": _synced(lambda user: user.upn.partition("@")[0][:20]),
    "onPremisesUserPrincipalName": _synced(lambda user: user.upn),
    "otherMails": lambda user, _t: list(user.other_mails),
    "preferredLanguage": lambda user, _t: user.language,
    "provisionedPlans": _provisioned_plans,
    "proxyAddresses": lambda user, _t: list(user.addresses()),
    "signInActivity": _sign_in,
    "signInSessionsValidFromDateTime": lambda user, _t: stamp(user.created),
    "surname": lambda user, _t: user.surname,
    "usageLocation": lambda user, _t: user.usage_location,
    "userPrincipalName": _upn,
    "userType": lambda user, _t: user.user_type,
    "deviceEnrollmentLimit": lambda _u, _t: 5,
    "birthday": lambda _u, _t: "0001-01-01T08:00:00Z",
    "hireDate": lambda _u, _t: "0001-01-01T08:00:00Z",
}
_NULL = [
    "aboutMe",
    "ageGroup",
    "authorizationInfo",
    "consentProvidedForMinor",
    "customSecurityAttributes",
    "employeeHireDate",
    "employeeId",
    "employeeLeaveDateTime",
    "employeeOrgData",
    "employeeType",
    "externalUserStateChangeDateTime",
    "faxNumber",
    "identityParentId",
    "isManagementRestricted",
    "isResourceAccount",
    "legalAgeGroupClassification",
    "mailboxSettings",
    "mySite",
    "onPremisesExtensionAttributes",
    "onPremisesSecurityIdentifier",
    "passwordPolicies",
    "passwordProfile",
    "postalCode",
    "preferredDataLocation",
    "preferredName",
    "print",
    "securityIdentifier",
    "showInAddressList",
    "state",
    "streetAddress",
]
_EMPTY = [
    "imAddresses",
    "interests",
    "onPremisesProvisioningErrors",
    "pastProjects",
    "responsibilities",
    "schools",
    "serviceProvisioningErrors",
    "skills",
]

USER: dict[str, Getter] = {
    **_MADE,
    **dict.fromkeys(_NULL, lambda _u, _t: None),
    **dict.fromkeys(_EMPTY, lambda _u, _t: []),
}
_CANONICAL = {name.lower(): name for name in USER}

PATCHABLE = {
    "accountEnabled": "enabled",
    "displayName": "display_name",
    "givenName": "given_name",
    "surname": "surname",
    "usageLocation": "usage_location",
    "userPrincipalName": "upn",
    "mailNickname": "nickname",
    "jobTitle": "job_title",
    "department": "department",
    "officeLocation": "office",
    "mobilePhone": "mobile",
    "businessPhones": "phone",
    "preferredLanguage": "language",
    "country": "country",
    "city": "city",
    "companyName": "company",
    "otherMails": "other_mails",
    "userType": "user_type",
    "onPremisesImmutableId": "immutable_id",
}
"""Graph property to attribute of User; any other known property is read-only here."""


def canonical(name: str) -> str | None:
    """The property's name in Microsoft's own case; names are matched in any case."""
    return _CANONICAL.get(name.strip().lower())


def no_property(name: str, type_name: str, where: str) -> GraphError:
    """400 for a name the type does not have."""
    return bad_request(
        f"{where}: Could not find a property named '{name}' on type 'microsoft.graph.{type_name}'.",
        "BadRequest",
    )


def selected(select: str | None, *, of_collection: bool) -> tuple[str, ...]:
    """The property names of a $select, or the default ones."""
    if select is None:
        return DEFAULT
    names: list[str] = []
    for part in select.split(","):
        name = canonical(part)
        if name is None:
            raise no_property(part.strip(), "user", "Parsing OData Select and Expand failed")
        if of_collection and name.lower() in SINGLE_ONLY:
            raise GraphError(
                501, "NotImplemented", f"The property '{name}' is not supported on collections."
            )
        if name not in names:
            names.append(name)
    return tuple(names)


def render(user: User, tenant: Tenant, names: tuple[str, ...]) -> dict[str, Any]:
    """A user as a JSON object of these properties."""
    return {name: USER[name](user, tenant) for name in names}


def context(entity_set: str, select: str | None, names: tuple[str, ...]) -> str:
    """The fragment of @odata.context: selected properties in brackets."""
    return entity_set if select is None else f"{entity_set}({','.join(names)})"
