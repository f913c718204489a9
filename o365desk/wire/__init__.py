"""Sans-IO HTTP: domain values to requests, responses to domain values; no socket, no clock."""
