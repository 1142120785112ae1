"""Two people read one board, each in their own language."""

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import NewPerson
from tests.browser.person import Person, Site, row

CHINESE = {"locale": "zh-CN"}


def test_a_change_comes_in_each_ones_words(alice: Person, site: Site, new_person: NewPerson) -> None:
    ada = new_person(site, "ada", is_admin=True, **CHINESE)
    task_id = alice.tracked(status="in_progress")
    english = alice.tab()
    chinese = ada.context.new_page()
    chinese.goto("/?owner=all")
    expect(chinese.locator("live-badge")).to_have_text("实时")
    expect(row(english, task_id)).to_contain_text("In progress")
    expect(row(chinese, task_id)).to_contain_text("生成中")
    site.gateway.change_task(task_id, status="completed")
    expect(row(english, task_id)).to_contain_text("Completed")
    expect(row(chinese, task_id)).to_contain_text("已完成")
    expect(row(chinese, task_id).locator("relative-time")).to_have_text(re.compile("刚刚|秒前|分钟前"))


def test_a_member_changes_the_language_in_the_menu(alice: Person) -> None:
    page = alice.tab()
    page.locator(".navbar .menu > summary").click()
    page.get_by_role("button", name="简体中文").click()
    expect(page.locator("html")).to_have_attribute("lang", "zh-hans")
    expect(page.get_by_role("link", name="新建视频").first).to_be_visible()
    assert only_chinese(page) == []
    page.locator(".navbar .menu > summary").click()
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("link", name="New video").first).to_be_visible()


def test_the_headings_are_on_one_line(alice: Person, site: Site, new_person: NewPerson) -> None:
    reader = new_person(site, "reader", **CHINESE)
    heights = []
    for person in (alice, reader):
        person.stored(status="failed")
        page = person.tab(is_live=False)
        page.set_viewport_size({"width": 1280, "height": 800})
        heights.append(page.locator(".row-headings").evaluate("headings => headings.offsetHeight"))
    assert 0 < max(heights) < 1.5 * min(heights)  # the fonts of the languages differ a little


def only_chinese(page: Page) -> list[str]:
    """Returns texts of buttons and links without a Chinese character, but for names."""
    texts = page.locator("main :is(button, a):visible, .navbar :is(button, a):visible").all_inner_texts()
    found = [text.strip() for text in texts if re.search(r"[A-Za-z]{2,}", text) and not re.search("[一-鿿]", text)]
    return [text for text in found if text not in {"Reelboard", "English"}]


def test_the_sign_in_is_in_the_language_of_the_browser(site: Site, new_person: NewPerson) -> None:
    ada = new_person(site, "ada", **CHINESE)
    ada.sign_out_quietly()
    page = ada.context.new_page()
    page.goto("/")
    expect(page.get_by_role("button", name="登录")).to_be_visible()
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()
