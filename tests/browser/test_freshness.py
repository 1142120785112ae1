"""The board's promise: a change at the gateway is on the screen within one interval and a second."""

import math
import statistics
from dataclasses import dataclass

import pytest
from playwright.sync_api import Page, expect

from dashboard.demo.options import DIALECTS
from dashboard.polling import schedule
from dashboard.tasks.board import PAGE
from tests.browser.conftest import NewPerson, quick
from tests.browser.person import Person, Site
from tests.support.gateway import Gateway
from tests.support.processes import ServerProcess

pytestmark = pytest.mark.alone
EVERY = 1.0  # seconds between two polls
DEADLINE = 600.0  # seconds, for a task
MARGIN = 1.0  # seconds
TASKS = 60
# Records when each row appeared and when it changed, in seconds since the epoch.
WATCH = """() => {
  const now = () => (performance.timeOrigin + performance.now()) / 1000;
  window.seen = [];
  const note = (row) => seen.push([row.dataset.taskId, row.dataset.status, now()]);
  new MutationObserver((changes) => {
    for (const { type, target, addedNodes } of changes) {
      if (type === 'attributes') { if (target.matches('.row')) note(target); }
      else for (const node of addedNodes) {
        if (node.nodeType !== Node.ELEMENT_NODE) continue;
        for (const row of node.matches('.row') ? [node] : node.querySelectorAll('.row')) note(row);
      }
    }
  }).observe(document.body, { subtree: true, childList: true, attributeFilter: ['data-status'] });
}"""


@dataclass(frozen=True)
class Change:
    """A change at the gateway, and how much later the page showed it."""

    task_id: str
    status: str
    lag: float


@pytest.fixture
def erin(process: ServerProcess, gateway: Gateway, new_person: NewPerson) -> Person:
    process.env = {**quick(gateway), "POLL_FIRST": str(EVERY), "POLL_EVERY": str(EVERY)}
    process.start()
    return new_person(Site(process, gateway), "erin")


def many_tasks(person: Person) -> dict[str, str]:
    """Adds tasks of every dialect and both outcomes, never two at once; returns each ID with its final status."""
    made = {}
    for number in range(TASKS):
        outcome = "failed" if number // len(DIALECTS) % 2 else "completed"
        life = {"queued_for": 6 + number * 0.05, "running_for": 3 + number * 0.07, "outcome": outcome}
        made[person.task(f"{DIALECTS[number % len(DIALECTS)]}+short", **life)] = outcome
    return made


def paste(page: Page, words: str) -> None:
    page.get_by_label("Task IDs to track").fill(words)
    page.keyboard.press("Enter")
    expect(page.locator("#track .track-results li")).to_have_count(TASKS)
    # A page has 50 rows, plus the ones that arrive live.
    expect(page.locator("#rows .row").nth(PAGE - 1)).to_be_visible()


def changes_on(page: Page, gateway: Gateway) -> list[Change]:
    """Returns every change of a row that was on the page before the change."""
    seen = page.evaluate("() => seen")
    came = {task_id: at for task_id, _, at in reversed(seen)}
    found = []
    for task in gateway.tasks():
        for step in task["steps"]:  # type: ignore[attr-defined]  # see the gateway's answer
            shown = [at for task_id, status, at in seen if (task_id, status) == (task["id"], step["status"])]
            if came.get(task["id"], math.inf) < step["at"] and shown:
                found.append(Change(str(task["id"]), step["status"], min(shown) - step["at"]))
    return found


def ends_on(page: Page) -> dict[str, str]:
    """Returns the rows of the page: IDs with statuses."""
    pairs = "rows => rows.map(({ dataset }) => [dataset.taskId, dataset.status])"
    return dict(page.locator(".row").evaluate_all(pairs))


def report(lags: list[float]) -> str:
    cuts = statistics.quantiles(lags, n=100)
    figures = f"p50 {cuts[49]:.2f} s, p90 {cuts[89]:.2f} s, p99 {cuts[98]:.2f} s, worst {max(lags):.2f} s"
    return f"{len(lags)} changes: {figures}"


def test_it_shows_sixty_tasks_move_to_their_ends_in_time(erin: Person) -> None:
    page = erin.tab()
    page.evaluate(WATCH)
    outcomes = many_tasks(erin)
    paste(page, "\n".join(outcomes))
    for status in ("completed", "failed"):
        number = list(outcomes.values()).count(status)
        expect(page.locator(f"#chip-{status} b")).to_have_text(str(number), timeout=40_000)
    expect(page.locator(".row:is([data-status=queued], [data-status=in_progress])")).to_have_count(0)
    shown = ends_on(page)
    changes = changes_on(page, erin.site.gateway)
    page.locator("#page-older").click()
    expect(page.locator("#page-newest")).to_be_visible()
    assert {**shown, **ends_on(page)} == outcomes
    print(report([change.lag for change in changes]))
    assert len(changes) >= PAGE
    longest = schedule.interval(40.0, EVERY, DEADLINE)
    assert [change for change in changes if change.lag > longest + MARGIN] == []
