"""Decides who may try a password now, and who has to wait.

A device that has signed in to the account before has a counter of its own, so no stranger can shut its owner out.
Everybody else is counted twice: by address, and by account for all unknown devices together. An attempt counts as a
failure as soon as it begins, or many made at once would all go through; a right password takes it back. Right ones are
counted for themselves, as each costs the server a hash.
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
# Shorter: a whole office may stand behind one address, and each account has its own waits besides.
ADDRESS: Final = Policy(free=30, first=5, longest=60, forget_every=60)
RIGHT: Final = Policy(free=60, first=1, longest=60, forget_every=1)
LONGEST_NAME: Final = 100  # characters in the log
CLOCKS: Final = 60.0  # seconds that the servers' clocks may differ by

logger = logging.getLogger(__name__)


class Throttled(Exception):
    def __init__(self, retry_after: int) -> None:
        """`retry_after`: whole seconds until another attempt may be made."""
        super().__init__(f"wait {retry_after} s")
        self.retry_after = retry_after


@dataclass
class Counter:
    """The failures of one address, account or device. Those before `since` don't count."""

    key: str
    policy: Policy
    since: float = 0.0
    before: Count = field(default_factory=Count)
    after: Count = field(default_factory=Count)

    def begin(self, now: float) -> float:
        """Counts a failure and returns 0, or returns the seconds to wait without counting."""

        def counted(stored: object) -> Change | None:
            self.before = self._count(stored, now)
            if backoff.remaining(self.before, self.policy, now):
                return None
            self.after = backoff.failed(self.before, self.policy, now)
            return self._change(self.after)

        redis_cache.change(self.key, counted)
        return backoff.remaining(self.before, self.policy, now)

    def take_back(self) -> None:
        """Restores the count from before; takes one failure back if others were counted meanwhile."""

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
    """An attempt with a password. The caller reports how it ended."""

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
    """`name`: what was typed, `user` whose it is. Raises Throttled."""
    account = f"user:{user.pk}" if user else f"name:{name.casefold()}"
    successes = Counter(_key("success", account), RIGHT)
    return _begin(Attempt(name, address_of(request), _counters(request, account, user), successes))


def begin_in_session(request: HttpRequest, user: User) -> Attempt:
    """An attempt of a member who is signed in. Counts by session. Raises Throttled."""
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
    # One line a wait, however often it is tried: or the log would be as long as anybody likes.
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
    """The client's address; of IPv6 the first 64 bits, as one customer has all the rest. Empty if there is none."""
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
    # Quoted and escaped: a name is whatever somebody typed.
    name = ascii(attempt.name[:LONGEST_NAME])
    logger.warning("a sign-in as %s from %s %s", name, attempt.address or "?", what, extra={"fields": fields})
