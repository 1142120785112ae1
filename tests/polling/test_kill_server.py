"""SIGKILL of the server itself, which polls while it serves."""

import pytest
from django.utils import timezone

from dashboard.demo.options import DIALECTS
from tests.polling.test_loop import closest
from tests.support.gateway import ALICE_KEY, Gateway
from tests.support.processes import ServerProcess

DELAY = 0.2  # seconds that each answer is delayed


@pytest.mark.server
def test_it_goes_on_where_it_was_killed(process: ServerProcess, gateway: Gateway) -> None:
    gateway.fault("delay", settings={"seconds": DELAY})
    process.env |= {"POLLER": "embedded", "AMUX_BASE_URL": gateway.url, "POLL_EVERY": "0.3"}
    key_id = process.act("key", owner="alice", secret=ALICE_KEY)
    outcomes = {}
    for number in range(60):
        outcome = ("completed", "failed")[number // len(DIALECTS) % 2]
        dialect = DIALECTS[number % len(DIALECTS)]
        upstream_id = gateway.add_task(dialect, outcome=outcome, queued_for=0.5, running_for=5)
        due = timezone.now().isoformat()
        process.act("task", owner="alice", key_id=key_id, upstream_id=upstream_id, next_poll_at=due)
        outcomes[upstream_id] = outcome
    process.start()
    process.eventually(lambda: count(process, "lease_token IS NOT NULL") > 40)
    process.kill()
    assert count(process, "lease_token IS NOT NULL") > 40
    # As if the half minute of the leases had passed.
    process.act(
        "rows",
        sql="UPDATE task SET lease_until = '2000-01-01', next_poll_at = '2000-01-01' WHERE lease_token IS NOT NULL",
    )
    process.start()
    process.eventually(lambda: count(process, "next_poll_at IS NOT NULL") == 0, patience=30)
    assert dict(process.act("rows", sql="SELECT upstream_id, status FROM task")) == outcomes
    assert closest(gateway.log(call="status")) > DELAY


def count(process: ServerProcess, which: str) -> int:
    return int(process.act("rows", sql=f"SELECT COUNT(*) FROM task WHERE {which}")[0][0])
