"""A video above the board: opened from its row, driven by keys and buttons, closed by Back."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import NewPerson
from tests.browser.person import Person, Site, row
from tests.browser.test_accessibility import looks, package, violations

SIZES = {"phone": (390, 844), "wide": (1280, 800)}
IS_READY = "() => document.querySelector('#theater video')?.readyState >= 1"
# The settled position: a seek is asynchronous.
POSITION = "video => new Promise(done => { const look = () => video.seeking ? setTimeout(look, 20) : \
done(video.currentTime); look(); })"


def completed(person: Person, page: Page, model: str = "amux+long") -> Locator:
    found = row(page, person.tracked(model, status="completed"))
    expect(found).to_have_attribute("data-status", "completed")
    return found


def opened(person: Person, model: str = "amux+long") -> Page:
    page = person.tab()
    completed(person, page, model).locator(".row-thumbnail").click()
    page.wait_for_function(IS_READY)
    return page


def position(page: Page) -> float:
    return float(page.locator("#theater video").evaluate(POSITION))


def test_it_opens_from_the_thumbnail_without_a_page_load(alice: Person) -> None:
    page = alice.tab()
    found = completed(alice, page)
    page.evaluate("() => { window.marked = true }")
    found.locator(".row-thumbnail").click()
    title = found.locator(".title").text_content() or ""
    dialog = page.get_by_role("dialog", name=title.strip())
    expect(dialog.locator("video")).to_be_visible()
    expect(page).to_have_url(re.compile(r"/tasks/[0-9a-f-]{36}$"))
    expect(page.locator("#theater-state")).to_have_text("Completed")
    assert page.evaluate("() => window.marked")


@pytest.mark.parametrize("way", ["Back", "Escape", "Close"])
def test_closing_restores_address_scroll_and_focus(alice: Person, way: str) -> None:
    page = alice.tab()
    found = completed(alice, page)
    for index in range(12):
        alice.stored(status="failed", label=f"Take {index}")
    # A filter is htmx's own entry in the history.
    page.get_by_role("link", name=re.compile("^Completed")).first.click()
    expect(page).to_have_url(re.compile("status=completed"))
    page.set_viewport_size({"width": 1280, "height": 300})
    found.locator(".title").focus()
    page.evaluate("() => { window.marked = true; scrollTo(0, 60) }")
    scroll = page.evaluate("() => scrollY")
    page.keyboard.press("v")
    page.wait_for_function(IS_READY)
    if way == "Back":
        page.go_back()
    elif way == "Escape":
        page.keyboard.press("Escape")
    else:
        page.get_by_role("button", name="Close", exact=True).click()
    expect(page.locator("#theater")).to_be_hidden()
    expect(page).to_have_url(re.compile("status=completed"))
    expect(found.locator(".title")).to_be_focused()
    assert scroll > 0
    assert page.evaluate("() => [window.marked, scrollY]") == [True, scroll]
    page.go_forward()
    expect(page.locator("#theater video")).to_be_visible()


def test_a_reload_gives_the_page_of_the_task(alice: Person) -> None:
    page = opened(alice)
    page.reload()
    expect(page.locator("main #task-player video")).to_be_visible()
    page.go_back()
    expect(page.locator("#task-table")).to_be_visible()


def test_the_keys_move_in_the_video(alice: Person) -> None:
    page = opened(alice)
    for key, expected in [("l", 10), ("j", 0), ("ArrowRight", 1), ("ArrowRight", 2), ("ArrowLeft", 1)]:
        page.keyboard.press(key)
        assert position(page) == pytest.approx(expected, abs=0.01), key
    page.keyboard.press(".")
    one_frame = position(page) - 1
    assert 0.01 < one_frame < 0.11
    page.keyboard.press(",")
    assert position(page) == pytest.approx(1, abs=0.01)


def test_the_keys_play_speed_up_and_mute(alice: Person) -> None:
    page = opened(alice)
    video = page.locator("#theater video")
    page.keyboard.press("m")
    assert video.evaluate("video => video.muted")
    page.keyboard.press(" ")
    page.wait_for_function("video => video.currentTime > 0.2", arg=video.element_handle())
    page.keyboard.press("k")
    assert video.evaluate("video => video.paused")
    page.keyboard.press(">")
    assert video.evaluate("video => video.playbackRate") == 1.25
    expect(page.locator("#theater .theater-controls [role=status]")).to_have_text("Speed: 1.25×")
    for _ in range(9):
        page.keyboard.press("-")
    assert video.evaluate("video => video.playbackRate") == 0.25


def test_it_loops_between_two_moments_until_escape(alice: Person) -> None:
    page = opened(alice)
    video = page.locator("#theater video")
    page.keyboard.press("ArrowRight")
    position(page)
    page.keyboard.press("i")
    page.keyboard.press("ArrowRight")
    position(page)
    page.keyboard.press("o")
    expect(page.locator(".theater-loop")).to_have_text("Loop: 0:01.0 to 0:02.0")
    video.evaluate("""async video => {
      video.muted = true; window.highest = 0; window.jumps = 0; let last = 0;
      const look = () => { window.highest = Math.max(window.highest, video.currentTime);
        if (video.currentTime < last) window.jumps++; last = video.currentTime; requestAnimationFrame(look) };
      await video.play(); look();
    }""")
    page.wait_for_function("() => window.jumps >= 2")
    assert page.evaluate("() => window.highest") < 2.5
    page.keyboard.press("Escape")
    expect(page.locator(".theater-loop")).to_have_text("")
    expect(page.locator("#theater")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#theater")).to_be_hidden()


def test_next_and_previous_follow_the_board(alice: Person) -> None:
    page = alice.tab()
    first, second = completed(alice, page), completed(alice, page, "amux+short")
    second.locator(".row-thumbnail").click()
    page.wait_for_function(IS_READY)
    page.keyboard.press("n")
    expect(page.locator("#task-state")).to_have_attribute("data-task", first.get_attribute("id") or "")
    page.locator("#theater").get_by_role("link", name="Previous").click()
    expect(page.locator("#task-state")).to_have_attribute("data-task", second.get_attribute("id") or "")
    page.go_back()
    expect(page.locator("#theater")).to_be_hidden()
    expect(second.locator(".title")).to_be_focused()


def test_a_link_to_a_moment_opens_there(alice: Person) -> None:
    page = opened(alice)
    page.keyboard.press("l")
    assert position(page) == pytest.approx(10, abs=0.01)
    alice.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy link to this moment").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    link = page.evaluate("() => navigator.clipboard.readText()")
    assert link.endswith("#t=10")
    other = alice.tab(link)
    other.wait_for_function("() => document.querySelector('#task-player video').currentTime === 10")


def test_other_videos_of_the_task_open_in_place(alice: Person) -> None:
    page = opened(alice, "amux+short+more=long")
    page.locator("#theater").get_by_role("link", name="Video 2", exact=True).click()
    expect(page).to_have_url(re.compile(r"\?video=2$"))
    expect(page.locator("#theater .video-list [aria-current]")).to_have_text("Video 2")


def test_another_part_of_the_page_can_open_it(alice: Person) -> None:
    page = alice.tab()
    href = completed(alice, page).locator(".title").get_attribute("href")
    page.evaluate(
        "href => document.body.dispatchEvent(new CustomEvent('theater:open', { bubbles: true, detail: { href } }))",
        href,
    )
    expect(page.locator("#theater video")).to_be_visible()


def test_a_playing_video_plays_on_while_the_task_changes(alice: Person) -> None:
    page = opened(alice)
    video = page.locator("#theater video")
    video.evaluate("video => { video.muted = true; video.marked = true; return video.play() }")
    alice.post(re.sub("^.*(?=/tasks)", "", page.url) + "/label", label="Take two")
    expect(page.locator("#theater-title")).to_have_text("Take two")
    assert video.evaluate("video => [video.marked, video.paused]") == [True, False]
    alice.excuse("status of 404")  # its state, if the page asks for it once more
    alice.post(re.sub("^.*(?=/tasks)", "", page.url) + "/delete")
    expect(page.locator("#theater-state")).to_have_text("This task was removed.")


def test_without_a_connection_it_says_so_and_tries_again(alice: Person) -> None:
    alice.excuse("ERR_FAILED")
    page = alice.tab()
    found = completed(alice, page)
    fail = lambda route: route.abort()  # noqa: E731  # the same function removes it
    page.route("**/theater*", fail)
    found.locator(".row-thumbnail").click()
    expect(page.locator("#theater-message p")).to_have_text("The server couldn't be reached. Try again in a moment.")
    page.unroute("**/theater*", fail)
    page.get_by_role("button", name="Try again").click()
    expect(page.locator("#theater video")).to_be_visible()


def test_it_shares_and_shows_the_keys_inside(alice: Person) -> None:
    page = opened(alice)
    page.keyboard.press("s")
    expect(page.locator("#theater #share-links input").first).to_have_value(re.compile("/s/"))
    page.locator("#theater-title").focus()
    page.keyboard.press("?")
    expect(page.locator("#theater .keys")).to_be_visible()


def test_a_modified_click_goes_to_the_page(alice: Person) -> None:
    page = alice.tab()
    thumbnail = completed(alice, page).locator(".row-thumbnail")
    with alice.context.expect_page() as coming:
        thumbnail.click(modifiers=["ControlOrMeta"])
    expect(coming.value.locator("main #task-player")).to_be_visible()
    expect(page.locator("#theater")).to_be_hidden()


def test_without_scripts_the_thumbnail_leads_to_the_page(site: Site, new_person: NewPerson) -> None:
    dora = new_person(site, "dora", java_script_enabled=False)
    dora.excuse("status of 502")  # no gateway knows the task
    number = dora.stored(status="completed")
    plain = dora.tab(is_live=False)
    plain.locator(f"#task-{number} .row-thumbnail").click()
    expect(plain.locator("main #task-player")).to_be_visible()


def test_axe_finds_nothing_wrong_in_it(alice: Person) -> None:
    axe = package("axe-core/axe.min.js").read_text()
    page = opened(alice)
    found = {look: wrong for look in looks(page, SIZES) if (wrong := violations(page, axe))}
    assert found == {}
    page.locator(".theater-details summary").first.click()
    page.locator(".theater-keys summary").click()
    found = {look: wrong for look in looks(page, SIZES) if (wrong := violations(page, axe))}
    assert found == {}
