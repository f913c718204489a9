"""Deterministic GUIDs and numbers: integer mixing only, cheap enough for 100,000 users a second."""

_MASK = 0xFFFFFFFFFFFFFFFF


def mix(value: int) -> int:
    """One step of splitmix64: equal numbers give equal, near numbers give unlike results."""
    value = (value + 0x9E3779B97F4A7C15) & _MASK
    value = ((value ^ (value >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    value = ((value ^ (value >> 27)) * 0x94D049BB133111EB) & _MASK
    return value ^ (value >> 31)


def number(*parts: int | str) -> int:
    """Folds any parts into one 64-bit number."""
    result = 0x1234567
    for part in parts:
        if isinstance(part, str):
            for byte in part.encode():
                result = ((result ^ byte) * 0x100000001B3) & _MASK
        else:
            result = mix(result ^ part)
    return mix(result)


def guid(seed: int) -> str:
    """A version 4 GUID, lower case, that depends on the seed alone."""
    digits = f"{mix(seed):016x}{mix(seed ^ 0x5DEECE66D):016x}"
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-a{digits[17:20]}-{digits[20:]}"


def guid_of(*parts: int | str) -> str:
    """A GUID named by its parts."""
    return guid(number(*parts))


def is_guid(text: str) -> bool:
    """True for 8-4-4-4-12 hexadecimal digits in either case."""
    if len(text) != 36 or text[8] + text[13] + text[18] + text[23] != "----":
        return False
    digits = text.replace("-", "")
    return len(digits) == 32 and all(letter in "0123456789abcdefABCDEF" for letter in digits)
