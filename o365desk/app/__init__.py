"""Wiring and intent: what is built at start, and which task each intent becomes."""
