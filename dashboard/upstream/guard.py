"""Where a connection may go: the public internet, the gateway's own origin, and what the operator has listed.

An address that came from an answer is checked twice: as written, before anything is sent (`Guard.check`), and as
resolved, at the moment of connecting (`GuardedResolver`), so a name that changes its mind in between gains nothing.
The ranges beyond `is_global` are those that carry a private IPv4 address inside an IPv6 one, or lead to a relay.
"""

import ipaddress
import socket
from collections.abc import Collection
from typing import Final

import httpx
from aiohttp.abc import AbstractResolver, ResolveResult

from dashboard.upstream.errors import BlockedAddress

HostPort = tuple[str, int]

_SPECIAL_V4: Final = tuple(map(ipaddress.IPv4Network, ("192.88.99.0/24", "192.0.0.0/24", "240.0.0.0/4")))
# Global unicast (RFC 4291) alone; this leaves out mapped and compatible IPv4, NAT64, site-local, multicast, discard.
_UNICAST_V6: Final = ipaddress.IPv6Network("2000::/3")
_SPECIAL_V6: Final = tuple(
    map(
        ipaddress.IPv6Network,
        (
            "2001::/23",  # Teredo, ORCHID, benchmarking (RFC 2928 and after)
            "2001:db8::/32",  # documentation
            "2002::/16",  # 6to4
            "3fff::/20",  # documentation (RFC 9637)
        ),
    )
)
_DEFAULT_PORTS: Final = {"http": 80, "https": 443}
# Where databases, brokers, container engines and remote desktops listen; a listed host:port may still be any of them.
_SERVICE_PORTS: Final = frozenset(
    {
        *(1433, 1521, 3306, 5432, 5984, 6379, 8086, 9042, 9200, 9300, 11211, 26379, 27017),  # databases and caches
        *(5672, 6666, 6667, 6697, 9092, 15672),  # brokers and chat
        *(2049, 2375, 2376, 2379, 2380, 3389, 5900, 6000, 10250, 10255),  # files, containers, desktops
    }
)


def port_of(url: httpx.URL) -> int:
    """The port a url leads to, with the scheme's own filled in; 0 for a scheme that is not http or https."""
    return url.port or _DEFAULT_PORTS.get(url.scheme, 0)


def origin_of(url: httpx.URL) -> tuple[str, str, int]:
    """Scheme, host and port (RFC 6454)."""
    return (url.scheme, url.host.lower(), port_of(url))


def is_public(address: str) -> bool:
    """Whether a literal address belongs to the public internet; what does not parse strictly does not."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv4Address):
        return found.is_global and not found.is_multicast and not any(found in network for network in _SPECIAL_V4)
    return found in _UNICAST_V6 and found.is_global and not any(found in network for network in _SPECIAL_V6)


class Guard:
    """Decides about addresses. `exempt` are host and port pairs that may be reached wherever they are."""

    def __init__(self, exempt: Collection[HostPort] = ()) -> None:
        self._exempt = frozenset((_plain(host), port) for host, port in exempt)

    def check(self, url: httpx.URL) -> None:
        """Raise BlockedAddress for a url that no answer may lead to, as far as it shows without resolving."""
        if url.scheme not in _DEFAULT_PORTS:
            raise BlockedAddress("Only http and https addresses are followed.")
        if url.userinfo:
            raise BlockedAddress("An address with a user name in it is not followed.")
        if not url.host:
            raise BlockedAddress("An address without a host is not followed.")
        self.check_host(url.host, port_of(url))

    def check_host(self, host: str, port: int) -> None:
        """Raise BlockedAddress for a port of another service, and for a literal address that is not public."""
        if self.exempts(host, port):
            return
        if (port < 1024 and port not in _DEFAULT_PORTS.values()) or port in _SERVICE_PORTS:
            raise BlockedAddress(f"Port {port} is not one that videos come from.")
        # The connector takes whatever holds a colon, or digits and dots alone, for a literal and asks no resolver.
        # guard: literal-address-is-public
        if (":" in host or _plain(host).replace(".", "").isdigit()) and not is_public(host):
            raise _refused(host)

    def check_resolved(self, host: str, port: int, addresses: Collection[str]) -> None:
        """Raise BlockedAddress when any of a name's addresses is not public, for a name may have good and bad ones."""
        if not self.exempts(host, port) and not all(map(is_public, addresses)):  # guard: resolved-address-is-public
            raise _refused(host)

    def exempts(self, host: str, port: int) -> bool:
        """Whether this pair is the gateway or in the operator's list."""
        return (_plain(host), port) in self._exempt


class GuardedResolver(AbstractResolver):
    """Resolves for a connector; what it lets through is what the connector then connects to."""

    def __init__(self, guard: Guard, resolver: AbstractResolver) -> None:
        self._guard = guard
        self._resolver = resolver

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Every address of the host. Raises BlockedAddress, and OSError when there is none."""
        found = await self._resolver.resolve(host, port, family)
        if not found:
            raise OSError(f"no address for {host}")
        self._guard.check_resolved(host, port, [result["host"] for result in found])
        return found

    async def close(self) -> None:
        """Close the resolver inside."""
        await self._resolver.close()


def _plain(host: str) -> str:
    return host.lower().rstrip(".").strip("[]")


def _refused(host: str) -> BlockedAddress:
    return BlockedAddress(f"{host[:255]} is not an address of the public internet.")
