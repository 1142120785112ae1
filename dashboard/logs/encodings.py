"""The forms in which a secret may appear: plain, and inside encoded text. Pure."""

import base64
from typing import Final
from urllib.parse import quote

SHORTEST: Final = 8  # characters; a shorter text would be found in ordinary words
_URL_SAFE: Final = str.maketrans("+/", "-_")


def encodings_of(secret: str) -> frozenset[str]:
    """Returns the secret, and its percent, hexadecimal and base64 forms of at least `SHORTEST` characters."""
    octets = secret.encode("utf-8", "surrogatepass")
    found = {quote(octets, safe=""), octets.hex(), octets.hex().upper()}
    for lead in range(3):
        core = base64_core(octets, lead)
        found |= {core, core.translate(_URL_SAFE), quote(core, safe="")}
    return frozenset({secret} | {form for form in found if len(form) >= SHORTEST})


def base64_core(octets: bytes, lead: int) -> str:
    """The base64 characters that depend on nothing but `octets`, `lead` modulo 3 bytes after the beginning.

    So it is found whatever stands before the secret (`Bearer `, a user name and a colon) and after it.
    """
    text = base64.b64encode(bytes(lead % 3) + octets).decode()
    first, last = -(-8 * (lead % 3) // 6), 8 * (lead % 3 + len(octets)) // 6
    return text[first:last]
