"""Throttles password attempts.

A known device has its own counter per account, so a stranger can't lock the owner out. Attempts from unknown devices
count twice: per IP address, and per account. An attempt counts as a failure as soon as it begins; otherwise, many
simultaneous attempts would all get through. A correct password takes the failure back. Correct passwords have their own
counter, because each one costs the server a hash.
"""

import hashlib
import ipaddress
import logging
import math
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from django.core.cache import cache
from django.http import HttpRequest

from dashboard.accounts import backoff, devices, redis_cache
from dashboard.accounts.backoff import Count, Policy
from dashboard.accounts.models import User
from dashboard.accounts.redis_cache import Change

ACCOUNT: Final = Policy(free=10, first=5, longest=900, forget_every=900)
# Shorter, because a whole office may share one IP address, and each account has its own waits anyway.
ADDRESS: Final = Policy(free=30, first=5, longest=60, forget_every=60)
RIGHT: Final = Policy(free=60, first=1, longest=60, forget_every=1)
LONGEST_NAME: Final = 100  # characters of a name in the log
CLOCKS: Final = 60.0  # seconds by which server clocks may differ

logger = logging.getLogger(__name__)


class Throttled(Exception):
    def __init__(self, retry_after: int) -> None:
        """`retry_after` is in whole seconds."""
        super().__init__(f"wait {retry_after} s")
        self.retry_after = retry_after


@dataclass
class Counter:
    """Counts attempts by address, account, device or session. Those before `since` are ignored."""

    key: str
    policy: Policy
    since: float = 0.0
    before: Count = field(default_factory=Count)
    after: Count = field(default_factory=Count)

    def begin(self, now: float) -> float:
        """Counts a failure and returns 0. If the caller has to wait, returns the seconds instead and counts nothing."""

        def counted(stored: object) -> Change | None:
            self.before = self._count(stored, now)
            if backoff.remaining(self.before, self.policy, now):
                return None
            self.after = backoff.failed(self.before, self.policy, now)
            return self._change(self.after)

        redis_cache.change(self.key, counted)
        return backoff.remaining(self.before, self.policy, now)

    def take_back(self) -> None:
        """Restores the previous count, or subtracts one failure if others were counted in the meantime."""

        def without(stored: object) -> Change | None:
            count = self._count(stored, time.time())
            if count == self.after:
                return self._change(self.before)
            return self._change(Count(max(0.0, count.failures - 1), count.at)) if count.failures else None

        redis_cache.change(self.key, without)

    def _count(self, stored: object, now: float) -> Count:
        if stored is None:
            return Count()
        read = redis_cache.numbers(stored, 2)
        if read is None or read[1] > now + CLOCKS:
            logger.warning("a count of failed sign-ins made no sense, and begins anew")
            return Count()
        return Count(min(read[0], self.policy.most), read[1]) if read[1] > self.since else Count()

    def _change(self, count: Count) -> Change:
        return Change([count.failures, count.at], backoff.lifetime(count, self.policy))


@dataclass
class Attempt:
    """A password attempt. The caller reports the outcome."""

    name: str
    address: str
    failures: Sequence[Counter]
    successes: Counter

    def succeeded(self) -> None:
        for counter in self.failures:
            counter.take_back()

    def failed(self) -> None:
        self.successes.take_back()
        wait = max(backoff.wait_after(counter.after.failures, counter.policy) for counter in self.failures)
        if wait:
            _log("failed; the next has to wait", self, wait)


def begin(request: HttpRequest, name: str, user: User | None) -> Attempt:
    """Begins an attempt to sign in. `name` is what was typed, `user` the account it matches. Raises Throttled."""
    account = f"user:{user.pk}" if user else f"name:{name.casefold()}"
    successes = Counter(_key("success", account), RIGHT)
    return _begin(Attempt(name, address_of(request), _counters(request, account, user), successes))


def begin_in_session(request: HttpRequest, user: User) -> Attempt:
    """Begins an attempt by a member who is signed in. Counts per session. Raises Throttled."""
    session = request.session.session_key or ""
    failures, successes = Counter(_key("session", session), ACCOUNT), Counter(_key("session-success", session), RIGHT)
    return _begin(Attempt(user.username, address_of(request), [failures], successes))


def _begin(attempt: Attempt) -> Attempt:
    now = time.time()
    begun: list[Counter] = []
    for counter in [*attempt.failures, attempt.successes]:
        wait = counter.begin(now)
        if wait:
            for other in begun:
                other.take_back()
            _refuse(attempt, counter, math.ceil(wait))
        begun.append(counter)
    return attempt


def _refuse(attempt: Attempt, counter: Counter, wait: int) -> None:
    # Logs once per wait, no matter how many attempts there are. Otherwise, anyone could flood the log.
    if cache.add(f"{counter.key}:refused", [1], wait):
        _log("refused", attempt, wait)
    raise Throttled(wait)


def _counters(request: HttpRequest, account: str, user: User | None) -> list[Counter]:
    since = user.unlocked_at.timestamp() if user and user.unlocked_at else 0.0
    device = devices.known(request, user) if user else ""
    if user and device:
        return [Counter(_key("device", f"{user.pk}:{device}"), ACCOUNT, since)]
    return [Counter(_key("address", address_of(request)), ADDRESS), Counter(_key("account", account), ACCOUNT, since)]


def _key(kind: str, text: str) -> str:
    return f"sign-in:{kind}:{hashlib.sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()[:40]}"


def address_of(request: HttpRequest) -> str:
    """Returns the client's IP address, or "". For IPv6, returns its /64 network, which usually is one customer."""
    text = request.META.get("REMOTE_ADDR") or ""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return ""
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    if address.ipv4_mapped:
        return str(address.ipv4_mapped)
    return str(ipaddress.IPv6Network((int(address) >> 64 << 64, 64)))


def _log(what: str, attempt: Attempt, wait: float) -> None:
    fields = {"address": attempt.address, "retry_after": math.ceil(wait)}
    # Quoted and escaped, because the name is user input.
    name = ascii(attempt.name[:LONGEST_NAME])
    logger.warning("a sign-in as %s from %s %s", name, attempt.address or "?", what, extra={"fields": fields})
