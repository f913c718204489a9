"""Snapshots of all tenants in one encrypted file."""
