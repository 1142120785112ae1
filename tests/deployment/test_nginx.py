"""The sample configuration in a real nginx: pages, sign-in, limits, and the log."""

import json
import re
import ssl

import httpx
import pytest

from tests.deployment.proxies import Nginx
from tests.support.processes import PASSWORD, ServerProcess

pytestmark = pytest.mark.server


def sign_in(browser: httpx.Client, nginx: Nginx) -> httpx.Response:
    """Returns the response to the form."""
    page = browser.get("/accounts/login/")
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)
    assert token is not None, page.text
    form = {"login": "alice", "password": PASSWORD, "csrfmiddlewaretoken": token[1]}
    return browser.post("/accounts/login/", data=form, headers={"Origin": nginx.url})


def test_it_lets_members_sign_in_through_tls(site: Nginx) -> None:
    with site.browser() as browser:
        answer = sign_in(browser, site)
        assert answer.status_code == 302
        cookies = [value for value in answer.headers.get_list("set-cookie") if value.startswith("__Host-session=")]
        assert [("Secure" in one, "HttpOnly" in one, "Path=/" in one) for one in cookies] == [(True, True, True)]
        assert browser.get("/").status_code == 200


def test_it_serves_pages_with_their_policy(site: Nginx) -> None:
    with site.browser() as browser:
        answer = browser.get("/accounts/login/")
    assert answer.status_code == 200
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=31536000")
    assert answer.headers["Server"] == "nginx"


def test_it_speaks_http_2(site: Nginx) -> None:
    site.trust.set_alpn_protocols(["h2", "http/1.1"])
    with site.connection() as connection:
        assert connection.selected_alpn_protocol() == "h2"


def test_it_leads_plain_http_to_its_name(site: Nginx) -> None:
    answer = httpx.get(f"http://127.0.0.1:{site.plain_port}/tasks/?q=1", headers={"Host": "evil.example"})
    assert (answer.status_code, answer.headers["Location"]) == (308, "https://localhost/tasks/?q=1")


def test_it_has_no_certificate_for_other_names(site: Nginx) -> None:
    careless = ssl.create_default_context()
    careless.check_hostname = False
    careless.verify_mode = ssl.CERT_NONE
    with pytest.raises(ssl.SSLError), site.connection("other.example", careless):
        pass


def test_it_takes_a_start_image_and_no_other_large_body(site: Nginx) -> None:
    with site.browser() as browser:
        sign_in(browser, site)
        assert browser.post("/tasks/track", content=b"x" * 2_000_000).status_code == 413
        assert browser.post("/tasks/create", content=b"x" * 11_000_000).status_code != 413
        assert browser.post("/tasks/create", content=b"x" * 13_000_000).status_code == 413


def test_it_refuses_a_head_of_more_than_32_kb(site: Nginx) -> None:
    with site.browser() as browser:
        assert browser.get("/healthz", headers={f"X-{number}": "x" * 7_000 for number in range(4)}).status_code == 200
        assert browser.get("/healthz", headers={f"X-{number}": "x" * 7_000 for number in range(6)}).status_code == 400


def test_it_gives_up_a_head_that_does_not_come(site: Nginx) -> None:
    with site.connection() as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: ")
        try:
            rest = connection.recv(4_096)
        except (ConnectionResetError, ssl.SSLEOFError):
            rest = b""
    assert rest == b"" or b" 408 " in rest


def test_it_hides_the_metrics_and_the_copies(site: Nginx) -> None:
    with site.browser() as browser:
        assert browser.get("/metrics").status_code == 404
        assert browser.get("/_videos/0f/0f0f").status_code == 404


def test_it_serves_static_files_where_it_is_told_to(process: ServerProcess, nginx: Nginx) -> None:
    process.start()
    (process.data_dir / "static").mkdir()
    (process.data_dir / "static" / "marked.css").write_text("/* by nginx */")
    nginx.start(process.port, static=True)
    with nginx.browser() as browser:
        answer = browser.get("/static/marked.css")
    assert (answer.text, answer.headers["Content-Type"]) == ("/* by nginx */", "text/css")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    ("path", "logged"),
    [
        ("/s/pOvwsxQ2u9Zb?x=pOvwsxQ2u9Zb", "/s/***"),
        ("/s/pOvwsxQ2u9Zb/content?download=1", "/s/***/content"),
        ("/s//pOvwsxQ2u9Zb/", "/s/***/"),
        ("/%73/pOvwsxQ2u9Zb", "/s/***"),
        ("/s/pOvwsxQ2u9Zb%0A/x", "/s/***/x"),
        ("/join/pOvwsxQ2u9Zb", "/join/***"),
        ("/?q=pOvwsxQ2u9Zb", "/"),
    ],
)
def test_its_log_holds_neither_tokens_nor_queries(process: ServerProcess, site: Nginx, path: str, logged: str) -> None:
    with site.browser() as browser:
        answer = browser.get(path, headers={"Referer": f"{site.url}/join/pOvwsxQ2u9Zb"})
    process.eventually(lambda: site.access_log.endswith("\n"))
    told = json.loads(site.access_log)
    assert told["path"] == logged
    assert told["request_id"] == answer.headers["X-Request-ID"]
    assert "pOvwsxQ2u9Zb" not in site.access_log + "".join(process.output)


def test_its_errors_hold_no_tokens_either(nginx: Nginx) -> None:
    nginx.start(1)
    with nginx.browser() as browser:
        assert {
            browser.get(path).status_code
            for path in ("/s/pOvwsxQ2u9Zb", "/join/pOvwsxQ2u9Zb", "/s/pOvwsxQ2u9Zb/content")
        } == {502}
    assert "pOvwsxQ2u9Zb" not in (nginx.folder / "error.log").read_text()
