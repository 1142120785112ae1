"""The viewers of streams: looks up their sessions, and checks that they may still watch."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace

from django.conf import settings
from django.contrib.sessions.models import Session
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from dashboard.accounts import sessions
from dashboard.accounts.models import User
from dashboard.sharing import access as sharing
from dashboard.sharing.models import ShareLink


@dataclass(frozen=True, slots=True)
class StreamViewer:
    """The signed-in member of a stream. `auth_hash` changes with the password.

    If `link`, the hash of a share link's token, is set, the stream only covers the link's task, `task_id`.
    """

    pk: int
    is_admin: bool
    session_key: str
    auth_hash: str
    link: str = ""
    task_id: str = ""
    language: str = settings.LANGUAGE_CODE  # of the page, and so of the rows on it


def viewer_of(session_key: str, language: str = settings.LANGUAGE_CODE) -> StreamViewer | None:
    """Returns the session's viewer, or None if nobody is signed in with it. Runs two queries."""
    user = sessions.user_of(session_key)
    if user is None:
        return None
    return StreamViewer(user.pk, user.is_admin, session_key, user.get_session_auth_hash(), language=language)


def link_viewer_of(session_key: str, token: str) -> StreamViewer | None:
    """Returns the session's viewer for a share link, or None if nobody is signed in with it.

    Runs up to three more queries than `viewer_of`. Raises Http404 if the link is unknown or has ended.
    """
    viewer = viewer_of(session_key)
    if viewer is None:
        return None
    link = sharing.link_for_member(viewer.pk, token)
    return replace(viewer, link=link.token_hash, task_id=str(link.task_id))


def find_ended(viewers: Collection[StreamViewer]) -> dict[StreamViewer, bool]:
    """Returns the viewers whose stream must end.

    Their session or share link has ended, they may no longer sign in, or their rights have changed. The value is True
    if they are still signed in and can continue with other rights. Runs two queries, plus one if there are links.
    """
    keys = {viewer.session_key for viewer in viewers}
    alive = set(
        Session.objects.filter(session_key__in=keys, expire_date__gt=timezone.now()).values_list("pk", flat=True)
    )
    holds = _holds(User.objects.filter(pk__in={viewer.pk for viewer in viewers}, is_active=True))
    links = {viewer.link for viewer in viewers if viewer.link}
    ended_links = links - _live_links(links)
    over = [
        viewer
        for viewer in viewers
        if viewer.session_key not in alive or not _same(viewer, holds) or viewer.link in ended_links
    ]
    return {viewer: viewer.session_key in alive and _signed_in(viewer, holds) for viewer in over}


def _live_links(links: set[str]) -> set[str]:
    return (
        {*ShareLink.objects.live().filter(token_hash__in=links).values_list("token_hash", flat=True)}
        if links
        else set()
    )


def _holds(users: Iterable[User]) -> dict[int, tuple[bool, str]]:
    return {user.pk: (user.is_admin, user.get_session_auth_hash()) for user in users}


def _same(viewer: StreamViewer, holds: dict[int, tuple[bool, str]]) -> bool:
    return viewer.is_admin == holds.get(viewer.pk, (False, ""))[0] and _signed_in(viewer, holds)


def _signed_in(viewer: StreamViewer, holds: dict[int, tuple[bool, str]]) -> bool:
    return constant_time_compare(viewer.auth_hash, holds.get(viewer.pk, (False, ""))[1])
