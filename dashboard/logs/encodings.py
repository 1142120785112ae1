"""Returns the forms in which a secret may appear in text: plain or encoded. Pure."""

import base64
from typing import Final
from urllib.parse import quote

SHORTEST: Final = 8  # characters; a shorter text could match ordinary words
_URL_SAFE: Final = str.maketrans("+/", "-_")


def encodings_of(secret: str) -> frozenset[str]:
    """Returns the secret, plus its percent, hex and base64 encodings that have at least `SHORTEST` characters."""
    octets = secret.encode("utf-8", "surrogatepass")
    found = {quote(octets, safe=""), octets.hex(), octets.hex().upper()}
    for lead in range(3):
        core = base64_core(octets, lead)
        found |= {core, core.translate(_URL_SAFE), quote(core, safe="")}
    return frozenset({secret} | {form for form in found if len(form) >= SHORTEST})


def base64_core(octets: bytes, lead: int) -> str:
    """Returns the base64 characters that depend only on `octets` if they start at offset `lead` (modulo 3).

    They match no matter what comes before the secret, such as `Bearer ` or a username and a colon, or after it.
    """
    text = base64.b64encode(bytes(lead % 3) + octets).decode()
    first, last = -(-8 * (lead % 3) // 6), 8 * (lead % 3 + len(octets)) // 6
    return text[first:last]
