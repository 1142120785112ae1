"""Result URLs: signed, on the second port, valid for a limited time, and requested without a key."""

from tests.demo.client import ask, status_url
from tests.support.gateway import Gateway


def url_of(gateway: Gateway) -> str:
    task_id = gateway.add_task(video="small", status="completed")
    return str(ask(status_url(gateway, task_id)).json["url"])


def test_it_serves_the_video_without_a_key(gateway: Gateway) -> None:
    url = url_of(gateway)
    assert url.startswith(f"{gateway.files_url}/files/")
    assert len(ask(url, key=None).body) == 10_000


def test_it_honours_ranges(gateway: Gateway) -> None:
    answer = ask(url_of(gateway), key=None, headers={"Range": "bytes=5-9"})
    assert (answer.status, answer.headers["content-range"]) == (206, "bytes 5-9/10000")


def test_it_expires(gateway: Gateway) -> None:
    url = url_of(gateway)
    gateway.advance(121)
    assert ask(url, key=None).status == 403


def test_it_signs_a_fresh_url_each_time(gateway: Gateway) -> None:
    task_id = gateway.add_task(video="small", status="completed")
    gateway.advance(121)
    assert ask(str(ask(status_url(gateway, task_id)).json["url"]), key=None).status == 200


def test_it_refuses_a_changed_url(gateway: Gateway) -> None:
    url = url_of(gateway)
    for changed in (
        url.replace("small", "random"),
        url[:-1],
        url.partition("?")[0],
        url.replace("expires=", "expires=x"),
    ):
        assert ask(changed, key=None).status == 403


def test_it_notes_a_key_that_strayed_here(gateway: Gateway) -> None:
    url = url_of(gateway)
    ask(url, key=None)
    ask(url, key="sk-anything")
    assert [entry["authorised"] for entry in gateway.log(call="file")] == [False, True]


def test_it_can_be_told_to_fail(gateway: Gateway) -> None:
    gateway.fault("http-503", "file", times=1)
    url = url_of(gateway)
    assert [ask(url, key=None).status for _ in range(2)] == [503, 200]
