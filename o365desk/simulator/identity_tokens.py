"""Tokens of the sign-in service: RS256 JWTs in Microsoft's shape (id-tokens and access-tokens
reference), and the public key behind them. cryptography and hashlib are imported when first
needed: the program's start does not wait for them."""

import base64
import functools
import os
from typing import TYPE_CHECKING, Any

from o365desk.simulator.messages import dump

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

_BITS = 2048


def base64url(data: bytes) -> str:
    """Without padding, as everything in a JWT."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def secret(size: int) -> str:
    """A name that nobody can guess, of so many random bytes."""
    return base64url(os.urandom(size))


def challenge_of(verifier: str) -> str:
    """The S256 code challenge (RFC 7636)."""
    import hashlib

    return base64url(hashlib.sha256(verifier.encode()).digest())


@functools.cache
def _key() -> "RSAPrivateKey":
    """One key for the process; it protects nothing real."""
    from cryptography.hazmat.primitives.asymmetric import rsa

    return rsa.generate_private_key(public_exponent=65537, key_size=_BITS)


@functools.cache
def public_keys() -> dict[str, Any]:
    """The JSON Web Key Set of the keys endpoint."""
    import hashlib

    numbers = _key().public_key().public_numbers()
    modulus = base64url(numbers.n.to_bytes(_BITS // 8, "big"))
    kid = base64url(hashlib.sha256(modulus.encode()).digest()[:20])
    key = {"kty": "RSA", "use": "sig", "kid": kid, "n": modulus, "e": "AQAB", "alg": "RS256"}
    return {"keys": [key]}


def sign(claims: dict[str, Any]) -> str:
    """A signed JWT."""
    from cryptography.hazmat.primitives.asymmetric import padding
    from cryptography.hazmat.primitives.hashes import SHA256

    header = {"typ": "JWT", "alg": "RS256", "kid": public_keys()["keys"][0]["kid"]}
    text = f"{base64url(dump(header))}.{base64url(dump(claims))}"
    signature = _key().sign(text.encode(), padding.PKCS1v15(), SHA256())
    return f"{text}.{base64url(signature)}"
