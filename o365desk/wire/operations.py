"""Names of the operations this program calls: by them refusals are explained and calls traced."""

from enum import StrEnum


class Operation(StrEnum):
    """The same name for both services where they do the same thing."""

    LIST_CUSTOMERS = "listCustomers"
    GET_CUSTOMER = "getCustomer"
    LIST_RELATIONS = "listDelegatedAdminCustomers"
    LIST_CONTRACTS = "listContracts"
    GET_ORGANIZATION = "getOrganization"
    LIST_DOMAINS = "listDomains"
    TEST_DOMAIN = "testDomain"
    LIST_SKUS = "listSubscribedSkus"
    LIST_SUBSCRIPTIONS = "listSubscriptions"
    GET_SUBSCRIPTION = "getSubscription"
    GET_PROVISIONING = "getProvisioningStatus"
    LIST_USERS = "listUsers"
    LIST_CHANGES = "listUserChanges"
    LIST_DELETED_USERS = "listDeletedUsers"
    GET_USER = "getUser"
    GET_LICENSES = "getLicenses"
    GET_GROUP = "getGroup"
    CREATE_USER = "createUser"
    UPDATE_USER = "updateUser"
    RESET_PASSWORD = "resetPassword"
    DELETE_USER = "deleteUser"
    RESTORE_USER = "restore"
    ASSIGN_LICENSE = "assignLicense"
    UPDATE_LICENSES = "licenseupdates"
    BATCH = "batch"
    SEND_MAIL = "sendMail"
