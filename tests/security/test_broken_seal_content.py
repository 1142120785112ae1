"""A video whose key can't be decrypted plays from its result URL; without one, it is no server error."""

import pytest

from dashboard.accounts.models import User
from dashboard.keys.models import ApiKey
from tests.content.conftest import Browser, Videoed, alice, browser, known_gateway, server, videoed

__all__ = ["alice", "browser", "known_gateway", "server", "videoed"]


@pytest.mark.parametrize(("url", "status"), [(True, 200), (False, 502)])
def test_playing_falls_back_on_the_address(
    browser: Browser, videoed: Videoed, alice: User, url: bool, status: int
) -> None:
    task = videoed(video="small", url=url)
    ApiKey.objects.update(sealed=b"2:broken")
    page = browser(alice).get(f"/tasks/{task.pk}/content")
    assert page.status_code == status
    assert url or "can&#x27;t be decrypted" in page.text
