"""GET and HEAD of a task's video, with and without faults."""

import gzip

import pytest

from tests.demo.client import Heard, ask, content_url
from tests.support.gateway import BOB_KEY, Gateway

PART = {"Range": "bytes=100-1999"}


def fetch(gateway: Gateway, options: str = "", method: str = "GET", **headers: str) -> Heard:
    task_id = gateway.add_task(f"amux{options}", video="small", status="completed")
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return ask(content_url(gateway, task_id), method, headers=named)


def video(gateway: Gateway) -> bytes:
    return (gateway.videos_dir / "small.mp4").read_bytes()


def test_it_sends_the_video(gateway: Gateway) -> None:
    answer = fetch(gateway)
    assert (answer.status, answer.body) == (200, video(gateway))
    assert answer.headers["etag"].startswith('"')


@pytest.mark.parametrize(
    ("asked", "start", "stop"),
    [("bytes=0-0", 0, 1), ("bytes=100-", 100, 10_000), ("bytes=-5", 9_995, 10_000), ("bytes=9-99999", 9, 10_000)],
)
def test_it_sends_a_part(gateway: Gateway, asked: str, start: int, stop: int) -> None:
    answer = fetch(gateway, Range=asked)
    assert (answer.status, answer.body) == (206, video(gateway)[start:stop])
    assert answer.headers["content-range"] == f"bytes {start}-{stop - 1}/10000"


@pytest.mark.parametrize("asked", ["bytes=10000-", "bytes=-0"])
def test_it_has_nothing_outside_of_the_video(gateway: Gateway, asked: str) -> None:
    answer = fetch(gateway, Range=asked)
    assert (answer.status, answer.headers["content-range"]) == (416, "bytes */10000")


@pytest.mark.parametrize("asked", ["bytes=9-5", "bytes=-", "items=0-1", "bytes=0-1,4-5"])
def test_it_ignores_a_range_it_does_not_read(gateway: Gateway, asked: str) -> None:
    assert fetch(gateway, Range=asked).status == 200


@pytest.mark.parametrize(("tag", "status"), [('"small-2710"', 206), ('"other"', 200), ('W/"small-2710"', 200)])
def test_it_minds_if_range(gateway: Gateway, tag: str, status: int) -> None:
    assert fetch(gateway, Range="bytes=0-1", If_Range=tag).status == status


def test_it_answers_head_and_not_modified(gateway: Gateway) -> None:
    head, unchanged = fetch(gateway, method="HEAD"), fetch(gateway, If_None_Match='"small-2710"')
    assert (head.status, head.headers["content-length"], head.body) == (200, "10000", b"")
    assert (unchanged.status, unchanged.body) == (304, b"")


def test_it_guards_the_video(gateway: Gateway) -> None:
    url = content_url(gateway, gateway.add_task(status="completed"))
    assert [ask(url, key=key).status for key in (None, "sk-nobody", BOB_KEY)] == [401, 401, 403]


@pytest.mark.parametrize("status", ["queued", "in_progress", "failed"])
def test_it_has_no_video_before_completion(gateway: Gateway, status: str) -> None:
    assert ask(content_url(gateway, gateway.add_task(status=status))).status == 400


@pytest.mark.parametrize(
    ("options", "status"),
    [("+gone", 410), ("+gone=404", 404), ("+warming", 502), ("+redirect", 302), ("+body=svg", 200), ("+jsonurl", 200)],
)
def test_it_can_have_something_else_in_the_videos_place(gateway: Gateway, options: str, status: int) -> None:
    answer = fetch(gateway, options)
    assert answer.status == status
    assert answer.headers.get("content-type") != "video/mp4"


def test_it_is_warm_after_a_while(gateway: Gateway) -> None:
    task_id = gateway.add_task("amux+warming=8", status="completed")
    gateway.advance(9)
    assert ask(content_url(gateway, task_id)).status == 200


def test_it_can_ignore_ranges(gateway: Gateway) -> None:
    answer = fetch(gateway, "+norange", **PART)
    assert (answer.status, len(answer.body), "accept-ranges" in answer.headers) == (200, 10_000, False)


@pytest.mark.parametrize("how", ["cut", "reset", "lie=short&"])
def test_it_can_break_off(gateway: Gateway, how: str) -> None:
    answer = fetch(gateway, f"+{how}=9000".replace("&=9000", ""))
    assert (answer.headers["content-length"], answer.broken) == ("10000", True)
    assert len(answer.body) <= 9_000


@pytest.mark.parametrize("how", ["chunked", "nolength"])
def test_it_can_leave_the_length_out(gateway: Gateway, how: str) -> None:
    answer = fetch(gateway, f"+{how}")
    assert "content-length" not in answer.headers
    assert answer.body == video(gateway)


def test_it_can_pack_the_video(gateway: Gateway) -> None:
    answer = fetch(gateway, "+gzip")
    assert answer.headers["content-encoding"] == "gzip"
    assert gzip.decompress(answer.body) == video(gateway)


@pytest.mark.parametrize(
    ("lie", "status", "told"),
    [
        ("wrong-range", 206, "bytes 99-1998/10000"),
        ("wrong-total", 206, "bytes 100-1999/14096"),
        ("no-content-range", 206, None),
        ("multipart", 206, None),
    ],
)
def test_it_can_lie_about_a_part(gateway: Gateway, lie: str, status: int, told: str | None) -> None:
    answer = fetch(gateway, f"+lie={lie}", **PART)
    assert (answer.status, answer.headers.get("content-range")) == (status, told)


def test_it_can_lie_about_the_whole(gateway: Gateway) -> None:
    assert fetch(gateway, "+lie=unasked206").status == 206
    assert fetch(gateway, "+lie=long").headers["content-length"] == "9000"
    assert fetch(gateway, "+lie=etag").headers["etag"] != fetch(gateway, "+lie=etag").headers["etag"]


def test_it_can_send_headers_that_must_not_travel_on(gateway: Gateway) -> None:
    headers = fetch(gateway, "+cookie").headers
    assert headers["set-cookie"]
    assert headers["cache-control"].startswith("public")


def test_it_sends_no_bytes_of_an_empty_video(gateway: Gateway) -> None:
    answer = ask(content_url(gateway, gateway.add_task(video="empty", status="completed")))
    assert (answer.status, answer.body) == (200, b"")
