"""Restricts connections to the public internet, the gateway's own origin, and hosts that the operator has listed.

A URL from an answer is checked twice: as written, before anything is sent (`Guard.check`), and as resolved, when the
connection is made (`GuardedResolver`), so DNS rebinding doesn't work. The ranges blocked in addition to those that
aren't `is_global` embed a private IPv4 address in an IPv6 address, or lead to a relay.
"""

import ipaddress
import socket
from collections.abc import Collection
from typing import Final

import httpx
from aiohttp.abc import AbstractResolver, ResolveResult
from django.utils.translation import gettext_noop

from dashboard.upstream.error_texts import error_text
from dashboard.upstream.errors import BlockedAddress

HostPort = tuple[str, int]

_SPECIAL_V4: Final = tuple(map(ipaddress.IPv4Network, ("192.88.99.0/24", "192.0.0.0/24", "240.0.0.0/4")))
# Only global unicast (RFC 4291); excludes IPv4-mapped and IPv4-compatible, NAT64, site-local, multicast and discard.
_UNICAST_V6: Final = ipaddress.IPv6Network("2000::/3")
_SPECIAL_V6: Final = tuple(
    map(
        ipaddress.IPv6Network,
        (
            "2001::/23",  # Teredo, ORCHID, benchmarking (RFC 2928 and later)
            "2001:db8::/32",  # documentation
            "2002::/16",  # 6to4
            "3fff::/20",  # documentation (RFC 9637)
        ),
    )
)
_DEFAULT_PORTS: Final = {"http": 80, "https": 443}
# Ports of databases, brokers, container engines and remote desktops. A host:port listed by the operator may use them.
_SERVICE_PORTS: Final = frozenset(
    {
        *(1433, 1521, 3306, 5432, 5984, 6379, 8086, 9042, 9200, 9300, 11211, 26379, 27017),  # databases and caches
        *(5672, 6666, 6667, 6697, 9092, 15672),  # brokers and chat
        *(2049, 2375, 2376, 2379, 2380, 3389, 5900, 6000, 10250, 10255),  # files, containers, desktops
    }
)


def port_of(url: httpx.URL) -> int:
    """Returns the port of a URL, or the scheme's default port; 0 if the scheme is not http or https."""
    return url.port or _DEFAULT_PORTS.get(url.scheme, 0)


def origin_of(url: httpx.URL) -> tuple[str, str, int]:
    """Returns scheme, host and port (RFC 6454)."""
    return (url.scheme, url.host.lower(), port_of(url))


def is_public(address: str) -> bool:
    """Returns whether a literal IP address is public; False if it can't be parsed strictly."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv4Address):
        return found.is_global and not found.is_multicast and not any(found in network for network in _SPECIAL_V4)
    return found in _UNICAST_V6 and found.is_global and not any(found in network for network in _SPECIAL_V6)


class Guard:
    """Decides which addresses are allowed. `exempt` are host and port pairs that are always allowed."""

    def __init__(self, exempt: Collection[HostPort] = ()) -> None:
        self._exempt = frozenset((_plain(host), port) for host, port in exempt)

    def check(self, url: httpx.URL) -> None:
        """Raises BlockedAddress if the URL isn't allowed, as far as is known without resolving the host."""
        if url.scheme not in _DEFAULT_PORTS:
            raise BlockedAddress(gettext_noop("Only http and https addresses are followed."))
        if url.userinfo:
            raise BlockedAddress(gettext_noop("An address with a user name in it is not followed."))
        if not url.host:
            raise BlockedAddress(gettext_noop("An address without a host is not followed."))
        self.check_host(url.host, port_of(url))

    def check_host(self, host: str, port: int) -> None:
        """Raises BlockedAddress for a port of another service, and for a literal IP address that is not public."""
        if self.exempts(host, port):
            return
        if (port < 1024 and port not in _DEFAULT_PORTS.values()) or port in _SERVICE_PORTS:
            raise BlockedAddress(error_text(gettext_noop("Port %(port)s is not one that videos come from."), port=port))
        # The connector takes a host with a colon, or of digits and dots only, for a literal and doesn't resolve it.
        # guard: literal-address-is-public
        if (":" in host or _plain(host).replace(".", "").isdigit()) and not is_public(host):
            raise _refused(host)

    def check_resolved(self, host: str, port: int, addresses: Collection[str]) -> None:
        """Raises BlockedAddress if any of the host's addresses is not public: it may have public and private ones."""
        if not self.exempts(host, port) and not all(map(is_public, addresses)):  # guard: resolved-address-is-public
            raise _refused(host)

    def exempts(self, host: str, port: int) -> bool:
        """Returns whether this pair is the gateway or on the operator's list."""
        return (_plain(host), port) in self._exempt


class GuardedResolver(AbstractResolver):
    """Resolves hosts for a connector, which then connects to exactly the addresses that were checked."""

    def __init__(self, guard: Guard, resolver: AbstractResolver) -> None:
        self._guard = guard
        self._resolver = resolver

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Returns every address of the host. Raises BlockedAddress, or OSError if there is none."""
        found = await self._resolver.resolve(host, port, family)
        if not found:
            raise OSError(f"no address for {host}")
        self._guard.check_resolved(host, port, [result["host"] for result in found])
        return found

    async def close(self) -> None:
        """Closes the wrapped resolver."""
        await self._resolver.close()


def _plain(host: str) -> str:
    return host.lower().rstrip(".").strip("[]")


def _refused(host: str) -> BlockedAddress:
    return BlockedAddress(
        error_text(gettext_noop("%(host)s is not an address of the public internet."), host=host[:255])
    )
