"""Widgets, delegates, dialogs and actions: they emit intents and accept state."""
