"""The guards that must not go unnoticed when they are gone: where each is, and which tests miss it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Guard:
    """`taken` are exact texts, each there once in its file, and what stands there when the guard is taken away."""

    name: str
    tests: tuple[str, ...]
    taken: tuple[tuple[str, str, str], ...]  # file below dashboard/, text, text without the guard


def guard(name: str, tests: str, file: str, text: str, without: str, *more: tuple[str, str, str]) -> Guard:
    return Guard(name, tuple(f"tests/{one}" for one in tests.split()), ((file, text, without), *more))


GUARDS = (
    guard(
        "a claim's token fences its write",
        "polling/test_leases.py",
        "tasks/outcomes.py",
        "if task is None or task.lease_token != outcome.task.lease_token:",
        "if task is None:",
    ),
    guard(
        "a claim's token fences a write without news",
        "polling/test_leases.py",
        "tasks/outcomes.py",
        '"WHERE id = %s AND lease_token = %s"',
        '"WHERE id = %s AND %s IS NOT NULL"',
    ),
    guard(
        "only what is still held is given back",
        "polling/test_leases.py",
        "tasks/models.py",
        "return self.filter(lease_token=token)",
        "return self.all()",
    ),
    guard(
        "a claim ends by itself",
        "polling/test_leases.py",
        "polling/leases.py",
        "lease_token=token, lease_until=until, next_poll_at=until",
        "lease_token=token, lease_until=until, next_poll_at=None",
    ),
    guard(
        "nobody is asked on the strength of a lease that is over",
        "faults/test_late_claims.py",
        "polling/loop.py",
        ">= self._plan.lease * WHOLE_POLL",
        "is not None",
    ),
    guard(
        "compare-and-set on the version",
        "tasks/test_changes.py",
        "tasks/changes.py",
        "Task.objects.filter(pk=task.pk, version=task.version)",
        "Task.objects.filter(pk=task.pk)",
    ),
    guard(
        "nothing leaves a terminal status",
        "tasks/test_changes.py polling/test_answers.py",
        "tasks/states.py",
        "COMPLETED: frozenset(),",
        "COMPLETED: frozenset({IN_PROGRESS}),",
        ("tasks/merging.py", "    if task.is_terminal:\n        if answer", "    if False:\n        if answer"),
    ),
    guard(
        "an answer about another task is not believed",
        "polling/test_lost_answers.py",
        "upstream/client.py",
        "return _reply(exchange, secret, asked_for=task_id.strip())",
        "return _reply(exchange, secret, asked_for=None)",
    ),
    guard(
        "a 404 of a young task is a replica that lags",
        "polling/test_missing.py",
        "polling/verdicts.py",
        "if self.now - task.created_at < schedule.REPLICA_LAG:",
        "if False:",
    ),
    guard(
        "a refusal sent before the first one confirms nothing",
        "polling/test_refused_keys.py",
        "polling/settling.py",
        "elif poll.begun_at <= first_at:",
        "elif False:",
    ),
    guard(
        "a form sent twice starts one video",
        "tasks/test_create.py",
        "tasks/submitting.py",
        "    if not is_new:\n        return task\n",
        "",
    ),
    guard(
        "a 5xx to a submission is unclear",
        "tasks/test_create.py",
        "upstream/verdicts.py",
        "if status in _AGAIN or status >= 500:\n        return Unclear",
        "if False:\n        return Unclear",
    ),
    guard(
        "SQLite's transactions are IMMEDIATE",
        "faults/test_locked_database.py",
        "settings.py",
        '"transaction_mode": "IMMEDIATE", ',
        "",
    ),
    guard(
        "tasks are visible to those who may see them",
        "test_access_matrix.py",
        "tasks/models.py",
        'class TaskQuerySet(models.QuerySet["Task"]):\n'
        '    def visible_to(self, user: Viewer) -> "TaskQuerySet":\n'
        "        return self.all() if sees_all(user) else self.filter(owner_id=user.pk)",
        'class TaskQuerySet(models.QuerySet["Task"]):\n'
        '    def visible_to(self, user: Viewer) -> "TaskQuerySet":\n'
        "        return self.all()",
    ),
    guard(
        "tasks are changed by those who may",
        "tasks/test_acts.py test_access_matrix.py sharing/test_links.py",
        "tasks/models.py",
        "return self.all() if user.is_admin else self.filter(owner=user)",
        "return self.all()",
    ),
    guard(
        "keys are seen by their owner",
        "keys/test_keys.py",
        "keys/models.py",
        "return self.all() if user.is_admin else self.filter(owner=user)",
        "return self.all()",
    ),
    guard(
        "a link that has ended opens nothing",
        "sharing/test_links.py",
        "sharing/models.py",
        "return by_right.filter(revoked_at=None, expires_at__gt=timezone.now())",
        "return by_right",
    ),
    guard(
        "a link ends with its maker's right to share",
        "security/test_rights_handed_on.py",
        "sharing/models.py",
        'self.filter(sight.changeable("created_by", "task__owner"))',
        "self.all()",
    ),
    guard(
        "forms from elsewhere are refused",
        "test_access_matrix.py",
        "settings.py",
        '    "django.middleware.csrf.CsrfViewMiddleware",\n',
        "",
    ),
    guard(
        "videos are not for other sites",
        "content/test_views.py",
        "content/views.py",
        'not in ("same-origin", "none"):',
        'not in ("same-origin", "none", "same-site", "cross-site"):',
    ),
    guard(
        "the stream is not for other sites",
        "live/test_door.py",
        "live/door.py",
        'if headers.get("sec-fetch-site", "none") not in SAME_SITE:',
        "if False:",
    ),
    guard(
        "the stream answers to its own names",
        "live/test_door.py",
        "live/door.py",
        "if not domain or not validate_host(domain, settings.ALLOWED_HOSTS):",
        "if False:",
    ),
    guard(
        "frames go to those who may see the task",
        "live/test_visibility.py",
        "live/room.py",
        "yield from self._of_member.get(owner_id, ())",
        "yield from self._open",
    ),
    guard(
        "a replay holds what its reader may see",
        "live/test_visibility.py",
        "tasks/models.py",
        "return since if sees_all(user) else since.filter(Q(owner_id=user.pk) | Q(pk=cursor))",
        "return since",
    ),
    guard(
        "open streams end with the right to them",
        "live/test_keeping.py",
        "live/keeping.py",
        "if box.viewer in over:",
        "if False:",
    ),
    guard(
        "flowing videos break off with the right to them",
        "content/test_rights.py",
        "content/playing.py",
        "            await right.confirm()\n",
        "",
    ),
    guard(
        "readers that vanish are let go",
        "faults/test_stuck.py",
        "live/consumers.py",
        'self._steer("bound", UNSENT, UNACKNOWLEDGED)',
        "pass",
    ),
    guard(
        "a cursor that was swept up is not trusted",
        "live/test_replay.py",
        "live/reading.py",
        "if not events or events[0].cursor != since:",
        "if not events:",
    ),
    guard(
        "a name that resolves to this machine is refused",
        "upstream/test_guard.py",
        "upstream/guard.py",
        "if not self.exempts(host, port) and not all(map(is_public, addresses)):",
        "if False:",
    ),
    guard(
        "a literal address that is not public is refused",
        "upstream/test_guard.py",
        "upstream/guard.py",
        '.replace(".", "").isdigit()) and not is_public(host):',
        '.replace(".", "").isdigit()) and False:',
    ),
    guard(
        "the key stays at the gateway when a video leads on",
        "upstream/test_redirects.py",
        "upstream/opening.py",
        "if step.secret and origin_of(step.url) != self._origin:",
        "if False:",
    ),
    guard(
        "the key stays at the gateway when a call is redirected",
        "upstream/test_flow.py upstream/test_retrieve.py upstream/test_redirects.py upstream/test_create.py",
        "upstream/client.py",
        "if origin_of(target) != self._origin:",
        "if False:",
    ),
    guard(
        "an answer is read up to a limit",
        "upstream/test_retrieve_sockets.py upstream/test_retrieve.py",
        "upstream/wire.py",
        "            if size > limit:\n                break\n",
        "",
    ),
    guard(
        "a part of a video is the one asked for",
        "content/test_faults.py",
        "content/bodies.py",
        "if body.status == 206 and (extent.start, extent.stop) != asked:",
        "if False:",
        ("content/bodies.py", "if part is None or body.length not in (None, part.span.length):", "if part is None:"),
    ),
    guard(
        "a video of another size is another video",
        "content/test_faults.py content/test_facts.py",
        "content/bodies.py",
        "if known is not None and extent.total not in (None, known.size):",
        "if False:",
    ),
    guard(
        "what is no video is not shown",
        "content/test_faults.py",
        "content/bodies.py",
        "        if media_type is None:\n            raise NotVideo",
        "        if False:\n            raise NotVideo",
    ),
    guard(
        "a video that is cut short breaks off",
        "upstream/test_content.py",
        "upstream/content.py",
        "if self.length is not None and received < self.length:",
        "if False:",
    ),
    guard(
        "a seal opens for its own row",
        "keys/test_sealing.py",
        "keys/sealing.py",
        "if place != (",
        "if False and place != (",
    ),
)
