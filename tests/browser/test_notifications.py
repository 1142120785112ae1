"""The system notifies members when their videos finish while none of their tabs is visible."""

from playwright.sync_api import Page, expect

from tests.browser.person import Person, badge, row

# Records the system's notifications. LEAVE hides a tab without another window in front of it.
RECORD = """
window.shown = [];
window.Notification = class { constructor(title, options) { window.shown.push([title, options.body]); } };
window.Notification.permission = "default";
window.Notification.requestPermission = async () => window.Notification.permission = "granted";
"""
LEAVE = """() => {
  Object.defineProperty(document, 'hidden', { value: true });
  localStorage.setItem('reelboard-seen-at', 0);
}"""


def watching(person: Person, *task_ids: str) -> Page:
    person.context.add_init_script(RECORD)
    page = person.tab()
    for task_id in task_ids:
        expect(row(page, task_id)).to_have_attribute("data-status", "in_progress")
    return page


def switch_on(page: Page) -> None:
    page.locator(".navbar .menu > summary").click()
    switch = page.get_by_role("switch", name="Notify me when videos finish")
    switch.click()
    expect(switch).to_be_checked()


def test_it_tells_of_all_that_ended_at_once(alice: Person) -> None:
    ids = [alice.tracked(status="in_progress", prompt=f"Boat {number}") for number in range(2)]
    page = watching(alice, *ids)
    switch_on(page)
    page.evaluate(LEAVE)
    alice.site.gateway.change_task(ids[0], status="completed")
    alice.site.gateway.change_task(ids[1], status="failed")
    page.wait_for_function("() => window.shown.length")
    told = [part for title, body in page.evaluate("window.shown") for part in (title, *body.split("\n"))]
    assert sorted(line.rpartition(": ")[2] for line in told if ": " in line) == ["completed", "failed"]


def test_it_is_quiet_in_view_and_when_it_is_off(alice: Person) -> None:
    task_id, later = (alice.tracked(status="in_progress") for _ in range(2))
    page = watching(alice, task_id, later)
    switch_on(page)
    alice.site.gateway.change_task(task_id, status="completed")
    expect(row(page, task_id)).to_have_attribute("data-status", "completed")
    page.wait_for_timeout(2_500)  # longer than the time for combining notifications
    page.get_by_role("switch", name="Notify me when videos finish").click()
    page.evaluate(LEAVE)
    alice.site.gateway.change_task(later, status="completed")
    expect(row(page, later)).to_have_attribute("data-status", "completed")
    page.wait_for_timeout(2_500)
    assert page.evaluate("window.shown") == []


def test_one_chosen_task_is_told_of_alone(alice: Person) -> None:
    chosen, other = (alice.tracked(status="in_progress") for _ in range(2))
    page = watching(alice, chosen, other)
    row(page, chosen).locator(".title").click()
    switch = page.get_by_role("switch", name="Notify me when it finishes")
    switch.click()
    expect(switch).to_be_checked()
    page.goto("/")
    expect(badge(page)).to_have_text("Live")
    page.evaluate("() => { Notification.permission = 'granted'; }")  # a browser remembers it
    page.evaluate(LEAVE)
    alice.site.gateway.change_task(other, status="completed")
    expect(row(page, other)).to_have_attribute("data-status", "completed")
    alice.site.gateway.change_task(chosen, status="completed")
    page.wait_for_function("() => window.shown.length")
    assert [body for _, body in page.evaluate("window.shown")] == [f"{chosen}: completed"]
    assert page.evaluate("localStorage.getItem('reelboard-notify-tasks')") == "[]"
