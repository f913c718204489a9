"""What can be done to users; in a module of its own, light enough for the way to first paint."""

from enum import StrEnum


class Act(StrEnum):
    """What can be done to users: each needs rights of its own."""

    LICENSE = "license"
    CREATE = "create"
    EDIT = "edit"
    DELETE = "delete"
    RESTORE = "restore"
    RESET_PASSWORD = "reset password"
