"""The only room that touches the world: HTTP, mail, keyring; adapters of the domain's ports."""
