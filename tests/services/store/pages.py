"""Keys and encrypted pages, as a test looks at them from outside the program."""

import base64
import hashlib
import hmac
from pathlib import Path

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from o365desk.domain.passwords import Secret
from o365desk.services.keyring_keys import key_bytes

NAMES = ("Zoë Ångström", "Ελένη Παπαδοπούλου", "محمد الأحمد", "山田 太郎")
PAGE, RESERVED, SALT = 4096, 80, 16
"""Of each page the last bytes are 16 of random and 64 of HMAC; the file begins with a salt."""


def key(number: int = 1) -> Secret:
    return Secret(base64.urlsafe_b64encode(hashlib.sha256(bytes([number])).digest()).decode())


def contents(folder: Path) -> bytes:
    """All files together."""
    return b"".join(file.read_bytes() for file in sorted(folder.rglob("*")) if file.is_file())


def traces(data: bytes, texts: tuple[str, ...] = NAMES) -> list[str]:
    """Those that stand in it, in any encoding that SQLite or Python would write."""
    return [
        text
        for text in texts
        if any(text.encode(code) in data for code in ("utf-8", "utf-16-le", "utf-16-be"))
    ]


def decrypted(path: Path, secret: Secret) -> bytes:
    """Every page of the file in clear, freed ones too, by the design that Zetetic publishes:
    https://www.zetetic.net/sqlcipher/design/"""
    data = path.read_bytes()
    salt = data[:SALT]
    raw = key_bytes(secret)
    seal = hashlib.pbkdf2_hmac("sha512", raw, bytes(b ^ 0x3A for b in salt), 2, 32)
    clear = b""
    for number, start in enumerate(range(0, len(data), PAGE), 1):
        page = data[start + (SALT if number == 1 else 0) : start + PAGE]
        body, vector, said = page[:-RESERVED], page[-RESERVED:][:16], page[-RESERVED:][16:]
        sealed = hmac.digest(seal, body + vector + number.to_bytes(4, "little"), "sha512")
        assert sealed == said, "not a page of this key"
        cipher = Cipher(algorithms.AES256(raw), modes.CBC(vector)).decryptor()
        clear += cipher.update(body) + cipher.finalize()
    return clear


def flip_a_bit(path: Path, place: int) -> None:
    data = bytearray(path.read_bytes())
    data[place] ^= 1
    path.write_bytes(data)
