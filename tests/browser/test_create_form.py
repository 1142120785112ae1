"""The form for a new video: presets, images that are dropped or pasted, drafts, and what is wrong."""

import base64
import json

import pytest
from playwright.sync_api import Page, expect

from tests.browser.person import Person

pytestmark = pytest.mark.browser
# One red pixel.
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg=="
)
TRANSFER = """(bytes) => {
  const data = new DataTransfer();
  data.items.add(new File([new Uint8Array(bytes)], "frame.png", { type: "image/png" }));
  return data;
}"""


def form_of(person: Person, query: str = "") -> Page:
    return person.tab(f"/tasks/create{query}", is_live=False)


def test_presets_fill_in_the_size_and_the_duration(alice: Person) -> None:
    page = form_of(alice)
    page.get_by_role("button", name="9:16").press("Enter")
    expect(page.locator("#id_width")).to_have_value("720")
    expect(page.locator("#id_height")).to_have_value("1280")
    expect(page.get_by_role("button", name="720p")).to_have_attribute("aria-pressed", "true")
    page.get_by_role("button", name="1080p").click()
    expect(page.locator("#id_width")).to_have_value("1080")
    expect(page.get_by_role("button", name="9:16")).to_have_attribute("aria-pressed", "true")
    page.locator("#id_width").fill("333")
    expect(page.get_by_role("button", name="9:16")).to_have_attribute("aria-pressed", "false")
    page.get_by_role("button", name="8 s", exact=True).click()
    expect(page.locator("#id_duration")).to_have_value("8")
    page.get_by_role("button", name="8 s", exact=True).click()
    expect(page.locator("#id_duration")).to_have_value("")


def test_what_is_usual_for_a_model_comes_with_it(alice: Person) -> None:
    alice.stored(status="completed", model="reel-usual", width=832, height=1120, duration=6)
    page = form_of(alice)
    page.locator("#id_model").fill("reel-usual")
    page.locator("#id_prompt").focus()
    page.get_by_role("button", name="832 × 1120").click()
    expect(page.locator("#id_height")).to_have_value("1120")
    expect(page.locator("#id_prompt")).to_have_value("")


def test_the_models_of_the_key_are_offered(alice: Person) -> None:
    page = form_of(alice)
    expect(page.locator("#models option[value='amux']")).to_have_count(1)


def test_an_image_is_dropped_shown_and_removed(alice: Person) -> None:
    page = form_of(alice)
    zone = page.locator("fieldset[data-drop]")
    data = page.evaluate_handle(TRANSFER, [*PNG])
    zone.dispatch_event("dragover", {"dataTransfer": data})
    zone.dispatch_event("drop", {"dataTransfer": data})
    assert page.evaluate("() => document.getElementById('id_image_file').files[0].name") == "frame.png"
    expect(zone.locator(".chosen-files")).to_contain_text("frame.png")
    expect(zone.locator(".chosen-files canvas")).to_be_visible()
    page.get_by_role("button", name="Remove file").press("Enter")
    assert page.evaluate("() => document.getElementById('id_image_file').files.length") == 0
    expect(page.locator("#id_image_file")).to_be_focused()


def test_a_pasted_image_is_sent_with_the_video(alice: Person) -> None:
    page = form_of(alice)
    data = page.evaluate_handle(TRANSFER, [*PNG])
    page.locator("#id_prompt").fill("From a picture")
    page.locator("#id_prompt").evaluate(
        "(field, data) => field.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true }))",
        data,
    )
    expect(page.locator(".chosen-files")).to_contain_text("frame.png")
    page.locator("#id_model").fill("amux")
    page.get_by_role("button", name="Generate").click()
    page.wait_for_url("**/tasks/*-*")
    task = next(one for one in alice.site.gateway.tasks() if one["prompt"] == "From a picture")
    assert task["id"]
    page.locator("summary", has_text="Details").click()
    expect(page.get_by_text("frame.png")).to_be_visible()


def test_a_file_of_another_kind_is_refused_in_words(alice: Person) -> None:
    page = form_of(alice)
    script = TRANSFER.replace("frame.png", "notes.txt").replace("image/png", "text/plain")
    page.locator("fieldset[data-drop]").dispatch_event("drop", {"dataTransfer": page.evaluate_handle(script, [65])})
    assert "PNG, JPEG or WebP" in page.evaluate("() => document.getElementById('id_image_file').validationMessage")
    assert page.evaluate("() => document.getElementById('id_image_file').files.length") == 0


def test_a_draft_is_kept_until_the_form_is_sent(alice: Person) -> None:
    page = form_of(alice)
    page.locator("#id_prompt").fill("A lighthouse")
    page.locator("#id_model").fill("amux")
    page.get_by_role("link", name="Cancel").click()
    page.goto("/tasks/create")
    expect(page.locator("#id_prompt")).to_have_value("A lighthouse")
    expect(page.locator("#id_model")).to_have_value("amux")
    page.get_by_role("button", name="Generate").click()
    page.wait_for_url("**/tasks/*-*")
    page.goto("/tasks/create")
    expect(page.locator("#id_prompt")).to_have_value("")
    assert page.evaluate("() => sessionStorage.getItem('reelboard.create-draft')") is None


def test_generating_again_shows_the_prompt_and_folds_the_rest(alice: Person) -> None:
    number = alice.stored(status="completed", prompt="A sea", model="reel-3", width=1280, height=720, duration=5)
    page = form_of(alice, f"?again={number}")
    expect(page.locator("#id_prompt")).to_be_focused()
    expect(page.locator("summary", has_text="Settings")).to_contain_text("reel-3 · 1280 × 720 · 5 s")
    expect(page.locator("#id_model")).to_be_hidden()
    page.locator("summary", has_text="Settings").click()
    expect(page.locator("#id_model")).to_have_value("reel-3")


def test_mistakes_are_listed_and_lead_to_their_fields(alice: Person) -> None:
    alice.excuse("status of 422")
    page = form_of(alice)
    page.locator("#id_prompt").fill("A sea")
    page.locator("#id_model").fill("amux")
    page.locator("#id_duration").evaluate("field => { field.removeAttribute('max'); field.value = '9000'; }")
    page.get_by_text("Advanced").click()
    page.locator("#id_metadata").fill(json.dumps([1]))
    page.get_by_role("button", name="Generate").click()
    summary = page.get_by_role("alert")
    expect(summary).to_be_focused()
    expect(summary.get_by_role("listitem")).to_have_count(2)
    summary.get_by_role("link", name="Duration").click()
    expect(page.locator("#id_duration")).to_be_focused()
    expect(page.locator("#id_prompt")).to_have_value("A sea")
