"""Playing, seeking and downloading through the dashboard, with H.264 videos that Chromium actually decodes."""

import hashlib
import re
from pathlib import Path

import av
import pytest
from playwright.sync_api import Download, Page, Response, Route, expect

from tests.browser.conftest import NewPerson, quick
from tests.browser.person import Person, Site, row
from tests.support.gateway import Gateway
from tests.support.processes import ServerProcess

# Resolves once the frame at the requested second can be shown.
SEEK = """(video, share) => new Promise((done) => {
  video.addEventListener('seeked', () => done(video.currentTime), { once: true });
  video.currentTime = video.duration * share;
})"""
KNOWS_ITS_LENGTH = "video => video.readyState >= 1 && video.seekable.length > 0"


def video_page(person: Person, model: str) -> Page:
    """Opens the page of a completed task, once the length of its video is known."""
    task_id = person.tracked(model, status="completed")
    page = person.tab()
    expect(row(page, task_id)).to_have_attribute("data-status", "completed")
    row(page, task_id).locator(".title").click()
    video = page.locator("#task-player video").element_handle()
    page.wait_for_function(KNOWS_ITS_LENGTH, arg=video)
    return page


def test_it_plays_with_moving_pictures(alice: Person) -> None:
    page = video_page(alice, "amux+short")
    video = page.locator("#task-player video")
    video.evaluate("video => { video.muted = true; return video.play() }")
    page.wait_for_function("video => video.currentTime > 0.5", arg=video.element_handle())
    assert video.evaluate("video => video.getVideoPlaybackQuality().totalVideoFrames") > 5
    assert video.evaluate("video => [video.videoWidth, video.videoHeight]") == [640, 360]


@pytest.mark.parametrize("model", ["amux+long", "amux+long+norange", "new-api-rc30+long", "litellm+short+norange"])
def test_it_seeks_anywhere(alice: Person, model: str) -> None:
    answers: list[Response] = []
    alice.context.on("response", lambda answer: answers.append(answer))
    page = video_page(alice, model)
    video = page.locator("#task-player video")
    duration = video.evaluate("video => video.duration")
    assert video.evaluate("video => video.seekable.end(0)") == duration
    for share in (0.8, 0.1, 0.95):
        assert video.evaluate(SEEK, share) == pytest.approx(duration * share, abs=0.001)
    assert video.evaluate("video => video.error") is None
    assert {answer.status for answer in answers if answer.url.endswith("/content")} == {206}


def test_it_plays_our_copy_of_a_video_that_the_gateway_has_lost(
    process: ServerProcess, gateway: Gateway, new_person: NewPerson
) -> None:
    process.env = {**quick(gateway), "ARCHIVE": "on"}
    process.start()
    alice = new_person(Site(process, gateway))
    task_id = alice.tracked("amux+short+norange+chunked", status="completed")
    process.eventually(lambda: process.act("rows", sql="SELECT id FROM video WHERE kept_at IS NOT NULL") != [])
    gateway.forget_task(task_id)
    page = alice.tab()
    row(page, task_id).locator(".title").click()
    video = page.locator("#task-player video")
    page.wait_for_function(KNOWS_ITS_LENGTH, arg=video.element_handle())
    assert video.evaluate(SEEK, 0.8) == pytest.approx(video.evaluate("video => video.duration") * 0.8, abs=0.001)


def test_it_plays_each_of_three_videos_of_one_task(alice: Person) -> None:
    videos = alice.site.gateway.videos_dir
    (videos / "third.mp4").write_bytes((videos / "short.mp4").read_bytes())
    page = video_page(alice, "amux+short+more=long,third")
    lengths = []
    for position in (1, 2, 3):
        page.get_by_role("link", name=f"Video {position}", exact=True).click()
        expect(page.locator(".video-list [aria-current]")).to_have_text(f"Video {position}")
        video = page.locator("#task-player video")
        video.evaluate("video => { video.muted = true; return video.play() }")
        page.wait_for_function("video => video.currentTime > 0.3", arg=video.element_handle())
        lengths.append(video.evaluate("video => video.duration"))
    assert lengths[0] == lengths[2] < lengths[1]


def test_it_keeps_playing_while_the_page_learns_more(alice: Person) -> None:
    page = video_page(alice, "amux+long")
    video = page.locator("#task-player video")
    video.evaluate("video => { video.muted = true; video.marked = true; return video.play() }")
    alice.post(page.url + "/label", label="Take two")
    expect(page.locator("h1")).to_have_text("Take two")
    assert video.evaluate("video => [video.marked, video.paused]") == [True, False]


@pytest.mark.parametrize("model", ["amux+long", "amux+random+norange", "openai-sora+short"])
def test_it_downloads_every_byte(alice: Person, model: str) -> None:
    task_id = alice.tracked(model, status="completed")
    page = alice.tab()
    expect(row(page, task_id)).to_have_attribute("data-status", "completed")
    row(page, task_id).hover()
    with page.expect_download() as coming:
        row(page, task_id).get_by_label("Download").click()
    name = next(task["video"] for task in alice.site.gateway.tasks() if task["id"] == task_id)
    wanted = (alice.site.gateway.videos_dir / f"{name}.mp4").read_bytes()
    assert hashlib.sha256(Path(coming.value.path()).read_bytes()).digest() == hashlib.sha256(wanted).digest()
    assert coming.value.suggested_filename.endswith(".mp4")


def lost_video(person: Person) -> str:
    """Opens the page of a completed task whose video is currently unavailable from every source."""
    person.excuse("status of 502", "status of 503", "status of 404", "status of 410")
    task_id = person.tracked("amux+short", status="completed")
    for call in ("content", "file"):
        person.site.gateway.fault("http-503", call=call, task=task_id)
    page = person.tab()
    expect(row(page, task_id)).to_have_attribute("data-status", "completed")
    return row(page, task_id).locator(".title").get_attribute("href") or ""


def test_it_says_in_words_why_a_video_does_not_come(alice: Person) -> None:
    page = alice.tab(lost_video(alice))
    expect(page.locator("[data-player-error]")).to_be_visible()
    expect(page.locator("[data-player-error] p")).to_contain_text("gateway")


def test_it_says_that_a_video_is_gone_and_offers_no_download(alice: Person) -> None:
    alice.excuse("status of 410")
    task_id = alice.tracked("amux+short+nourl", status="completed")
    alice.site.gateway.fault("http-410", call="content", task=task_id)
    page = alice.tab()
    row(page, task_id).locator(".title").click()
    expect(page.locator("[data-player-error]")).to_contain_text("Neither the gateway nor the URL it gave")
    page = alice.tab()
    expect(row(page, task_id).locator(".reason")).to_contain_text("The video is gone")
    row(page, task_id).locator(".title").click()
    expect(page.locator("#task-player")).to_contain_text("The video is gone")
    expect(page.get_by_role("link", name="Download")).to_have_count(0)


def test_it_says_so_too_when_the_video_fails_before_the_script_runs(alice: Person) -> None:
    href = lost_video(alice)
    page = alice.context.new_page()
    held: list[Route] = []
    page.route("**/js/app.js", lambda route: held.append(route))
    page.goto(href, wait_until="commit")
    page.wait_for_function("() => document.querySelector('video')?.error")
    held[0].continue_()
    expect(page.locator("[data-player-error]")).to_be_visible()


def test_it_names_a_format_that_the_browser_cannot_play(alice: Person) -> None:
    alice.excuse("MEDIA_ERR", "DEMUXER_ERROR", "Failed to load")
    make_hevc(alice.site.gateway.videos_dir / "hevc.mp4")
    task_id = alice.tracked("amux", status="completed", video="hevc")
    page = alice.tab()
    expect(row(page, task_id)).to_have_attribute("data-status", "completed")
    page.goto(row(page, task_id).locator(".title").get_attribute("href") or "")
    words = "This browser can't play HEVC. Download the video to watch it."
    expect(page.locator("[data-player-error] p")).to_have_text(words)
    with page.expect_download() as coming:
        page.get_by_role("link", name="Download").first.click()
    assert Path(coming.value.path()).read_bytes() == (alice.site.gateway.videos_dir / "hevc.mp4").read_bytes()


def test_it_does_not_try_a_codec_that_the_browser_cannot_play(alice: Person) -> None:
    task_id = alice.tracked("amux+short", status="completed")
    page = alice.tab()
    expect(row(page, task_id)).to_have_attribute("data-status", "completed")

    def describe(route: Route) -> None:
        answer = route.fetch()
        codec = """<video data-codec="HEVC" data-codec-type="video/mp4; codecs='hvc1.1.6.L93.B0'"\n"""
        route.fulfill(response=answer, body=answer.text().replace("<video\n", codec, 1))

    page.route(re.compile(r"/tasks/[0-9a-f-]{36}$"), describe)
    page.goto(row(page, task_id).locator(".title").get_attribute("href") or "")
    alert = page.locator("[data-player-error]")
    expect(alert.locator("p")).to_have_text("This browser can't play HEVC. Download the video to watch it.")
    expect(alert.locator("a, button").locator("visible=true")).to_have_text(re.compile("Download"))
    assert page.locator("video").evaluate("video => [video.currentSrc, video.networkState]")[1] == 0
    with page.expect_download():
        alert.get_by_role("link", name="Download").click()


def make_hevc(path: Path) -> None:
    """Creates one second of HEVC."""
    with av.open(str(path), "w") as file:
        stream = file.add_stream("libx265", rate=10, options={"x265-params": "log-level=none"})
        stream.width, stream.height, stream.pix_fmt, stream.codec_tag = 64, 64, "yuv420p", "hvc1"
        for _ in range(10):
            file.mux(stream.encode(av.VideoFrame(64, 64, "yuv420p")))
        file.mux(stream.encode())


def test_a_download_saves_no_page_as_a_video(alice: Person) -> None:
    page = alice.tab(lost_video(alice))
    saved: list[Download] = []
    page.on("download", lambda download: saved.append(download))
    page.get_by_role("link", name="Download").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Gateway error")
    assert saved == []


def test_it_tries_again_on_demand(alice: Person) -> None:
    page = alice.tab(lost_video(alice))
    expect(page.locator("[data-player-error]")).to_be_visible()
    alice.site.gateway.lift()
    page.get_by_role("button", name="Try again").click()
    expect(page.locator("[data-player-error]")).to_be_hidden()
    page.wait_for_function("() => document.querySelector('video').currentTime > 0")
