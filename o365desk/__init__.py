"""o365desk: manage the Office 365 users and licenses of many tenants from one window."""

__version__ = "0.1.0"
