"""Reads typed settings from the environment. An invalid value aborts startup, and the error says what is allowed."""

import grp
import os
import re
import secrets
from collections.abc import Callable
from ipaddress import ip_network
from pathlib import Path
from urllib.parse import unquote, urlsplit

from cryptography.fernet import Fernet
from django.core.exceptions import ImproperlyConfigured

TRUE = frozenset({"1", "true", "yes", "on"})
FALSE = frozenset({"", "0", "false", "no", "off"})
SIZE = re.compile(r"([0-9]{1,15})([KMGT]?)")


def wrong(name: str, value: str, allowed: str) -> ImproperlyConfigured:
    """Returns the error to raise. It appears in terminals and logs, so it doesn't show a password in `value`."""
    return ImproperlyConfigured(f"{name}={_shown(value)!r} is not allowed: {allowed}.")


def _shown(value: str) -> str:
    """Returns the value, shortened, without user, password, query and fragment. The password ends at the last `@`."""
    scheme, found, rest = value.rpartition("://") if value.count("://") == 1 else ("", "", value)
    _, at, host = rest.rpartition("@")
    shown = f"{scheme}{found}{'...@' if at else ''}{host}"
    for sign in "?#":
        before, has, _ = shown.partition(sign)
        shown = f"{before}{sign}..." if has else before
    return shown if len(shown) <= 100 else f"{shown[:100]}..."


def text(name: str, default: str = "") -> str:
    return os.environ.get(name, default).strip()


def flag(name: str) -> bool:
    value = text(name).lower()
    if value in TRUE | FALSE:
        return value in TRUE
    raise wrong(name, value, "use on or off")


def words(name: str, default: str = "") -> list[str]:
    return [word.strip() for word in text(name, default).split(",") if word.strip()]


def one_of(name: str, allowed: tuple[str, ...]) -> str:
    """Returns the value, or the first of `allowed` if it isn't set."""
    value = text(name) or allowed[0]
    if value in allowed:
        return value
    raise wrong(name, value, f"use one of {', '.join(allowed)}")


def seconds(name: str, default: float) -> float:
    """Returns a positive number of seconds, below 10 million. Allows fractions."""
    value = text(name) or str(default)
    found = _seconds_in(value)
    if found is not None:
        return found
    raise wrong(name, value, "use a positive number of seconds, such as 5 or 0.5")


def seconds_by_name(name: str) -> dict[str, float]:
    """Reads comma-separated `key=seconds` pairs. Each key may appear once."""
    found: dict[str, float] = {}
    for word in words(name):
        key, _, value = (part.strip() for part in word.rpartition("="))
        number = _seconds_in(value)
        if not key or number is None or key in found:
            raise wrong(name, word, "use name=seconds pairs, separated by commas, such as sora-2=1200,veo-3=900")
        found[key] = number
    return found


def _seconds_in(value: str) -> float | None:
    try:
        number = float(value)
    except ValueError:
        return None
    return number if 0 < number < 10**7 else None


def size(name: str, default: str) -> int:
    """Returns a number of bytes, written as a whole number with an optional K, M, G or T (powers of 1,024)."""
    value = text(name) or default
    match = SIZE.fullmatch(value.upper())
    if match and int(match[1]) > 0:
        return int(match[1]) << 10 * " KMGT".index(match[2] or " ")
    raise wrong(name, value, "use a number of bytes such as 500M, 50G or 2T")


def port(name: str, default: int) -> int:
    value = text(name) or str(default)
    if value.isascii() and value.isdigit() and 0 <= int(value) <= 65535:
        return int(value)
    raise wrong(name, value, "use a port number from 0 to 65535")


def origin(name: str, default: str) -> str:
    """Returns an http or https base URL. Removes trailing slashes; rejects user info, queries and fragments."""
    value = text(name) or default
    try:
        parts = urlsplit(value)
        fits = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        fits, parts = False, urlsplit("")
    if fits and not (parts.username or parts.query or parts.fragment or "@" in parts.netloc):
        return value.rstrip("/")
    raise wrong(name, value, "use a base url such as https://api.amux.ai")


def group(name: str) -> int | None:
    """Returns the ID of a group on this machine, given by name or number, or None if it isn't set."""
    value = text(name)
    if not value or (value.isascii() and value.isdigit() and int(value) < 2**31):
        return int(value) if value else None
    try:
        return grp.getgrnam(value).gr_gid
    except (KeyError, ValueError):
        raise wrong(name, value, "use the name or number of a group of this machine, such as www-data") from None


def host_ports(name: str) -> frozenset[tuple[str, int]]:
    """Reads comma-separated `host:port` pairs. IPv6 addresses are in brackets."""
    pairs = set()
    for word in words(name):
        host, _, number = word.rpartition(":")
        if not host or not number.isdigit() or not 0 < int(number) < 65536:
            raise wrong(name, word, "use host:port pairs, separated by commas, such as minio.internal:9000")
        pairs.add((host.strip("[]").lower(), int(number)))
    return frozenset(pairs)


def networks(name: str, default: str) -> list[str]:
    """Reads comma-separated IP addresses and networks."""
    found = words(name, default)
    for word in found:
        try:
            ip_network(word)
        except ValueError:
            raise wrong(name, word, "use IP addresses or networks, such as 10.0.0.5 or 172.16.0.0/12") from None
    return found


def secret(name: str) -> str:
    """Returns the value of NAME, or the content of the file at NAME_FILE, or "" if neither is set."""
    file = text(f"{name}_FILE")
    if not file:
        return text(name)
    if text(name):
        raise ImproperlyConfigured(f"Both {name} and {name}_FILE are set: use one of them.")
    try:
        return Path(file).read_text().strip()
    except (OSError, ValueError) as error:
        # Doesn't show the value, or the cause, which repeats it: it may be the secret itself, in the wrong variable.
        reason = getattr(error, "strerror", None) or "it is no text"
        raise ImproperlyConfigured(f"{name}_FILE is to be the path of a readable text file: {reason}.") from None


def secret_url(name: str, beginnings: tuple[str, ...], allowed: str) -> str:
    """Like `secret`, for a valid URL that starts with one of `beginnings`. Errors don't show any part of it."""
    value = secret(name)
    try:
        fits = not value or (value.startswith(beginnings) and _has_good_port(value))
    except ValueError:
        fits = False
    if fits:
        return value
    raise wrong(name, "...", allowed)


def _has_good_port(url: str) -> bool:
    return urlsplit(url).port != 0


def password_in(url: str) -> str:
    """Returns the password in a URL, or "" if there is none."""
    return unquote(urlsplit(url).password or "")


def kept_secret(name: str, folder: Path, make: Callable[[], str]) -> str:
    """Returns the secret from the environment, or else from `folder`. Creates it there (0600) at the first start."""
    return known_secret(name, folder) or keep_secret(name, folder, make())


def known_secret(name: str, folder: Path) -> str:
    """Returns the secret from the environment, or else from `folder`, or "" if there is none yet."""
    given = secret(name)
    path = folder / name.lower()
    return path.read_text().strip() if not given and path.exists() else given


def keep_secret(name: str, folder: Path, content: str) -> str:
    """Writes the secret to `folder` if there is none. Returns the stored one, which may be from another process."""
    path = folder / name.lower()
    if not path.exists():
        _write_once(path, content)
    return path.read_text().strip()


def fernet_keys(name: str, value: str) -> tuple[bytes, ...]:
    """Returns the Fernet keys from a comma-separated list, or () for an empty text."""
    found = tuple(word.strip().encode() for word in value.split(",") if word.strip())
    try:
        [Fernet(key) for key in found]
    except ValueError:
        raise ImproperlyConfigured(
            f"{name} is not usable: use comma-separated Fernet keys (32 url-safe base64 bytes each), newest first."
        ) from None
    return found


def _write_once(path: Path, content: str) -> None:
    # Two processes may start at the same time. With link(), exactly one wins, and no reader sees a partial file.
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(content + "\n")
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
