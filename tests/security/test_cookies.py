"""Behind TLS, every cookie has the prefix __Host-: neither another subdomain nor a plain connection can set one."""

import re

import httpx
import pytest

from tests.support.processes import PASSWORD, ServerProcess

pytestmark = pytest.mark.server


def cookies_of_a_sign_in(process: ServerProcess, **headers: str) -> dict[str, str]:
    """Returns the cookies by name, as last set between the form and the board, with their attributes."""
    found: dict[str, str] = {}
    with httpx.Client(base_url=process.url, headers=headers, timeout=60) as browser:
        page = browser.get("/accounts/login/")
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)
        assert token is not None, page.text
        jar = "; ".join(one.split(";")[0] for one in page.headers.get_list("set-cookie"))
        form = {"login": "alice", "password": PASSWORD, "csrfmiddlewaretoken": token[1]}
        origin = {"Cookie": jar, "Origin": "https://127.0.0.1" if headers else process.url}
        welcome = browser.post("/accounts/login/", data=form, headers=origin)
        assert welcome.status_code == 302, welcome.text
        session = "; ".join(one.split(";")[0] for one in welcome.headers.get_list("set-cookie"))
        changed = browser.get("/accounts/password/change/", headers={"Cookie": session})
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', changed.text)
        assert token is not None, changed.text
        left = browser.post(
            "/accounts/logout/", data={"csrfmiddlewaretoken": token[1]}, headers={**origin, "Cookie": session}
        )
    for answer in (page, welcome, left):
        set_now = [one for one in answer.headers.get_list("set-cookie") if "Max-Age=0" not in one]
        found |= {one.partition("=")[0]: one for one in set_now}
    return found


def test_every_cookie_is_bound_to_this_host_and_to_tls(process: ServerProcess) -> None:
    process.env = {"CSRF_TRUSTED_ORIGINS": "https://127.0.0.1"}
    process.start()
    cookies = cookies_of_a_sign_in(process, **{"X-Forwarded-Proto": "https"})
    assert {"__Host-session", "__Host-csrf", "__Host-messages"} <= set(cookies)
    for name, cookie in cookies.items():
        assert name.startswith("__Host-")
        for attribute in ("Secure", "HttpOnly", "SameSite=(Lax|Strict)", "Path=/"):
            assert re.search(f"; {attribute}(;|$)", cookie), cookie
        assert "domain" not in cookie.lower()


def test_without_tls_each_has_our_name_in_front(process: ServerProcess) -> None:
    process.start()
    cookies = cookies_of_a_sign_in(process)
    assert {"reelboard_session", "reelboard_csrf", "reelboard_messages"} <= set(cookies)
    for cookie in cookies.values():
        assert "HttpOnly" in cookie
        assert re.search("; SameSite=(Lax|Strict)(;|$)", cookie), cookie
