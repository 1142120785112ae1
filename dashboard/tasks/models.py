"""A task, its videos and its events. Only `writes` writes tasks; `Task.objects` holds every query."""

import uuid
from collections.abc import Collection
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, ClassVar

from django.conf import settings
from django.db import connections, models
from django.db.models import F, Q
from django.db.models.expressions import RawSQL
from django.db.models.functions import Coalesce, Collate
from django.utils import timezone

from dashboard.keys import usage
from dashboard.keys.models import ApiKey
from dashboard.tasks import archive_state, states, tags
from dashboard.tasks.visibility import Viewer, editable_q, visible_q

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from dashboard.accounts.models import User

SEARCHED = ("upstream_id", "label", "prompt", "model")
MAX_SEARCH_TERMS = 8  # of a search; further ones are passed over
TRIGRAM = 3  # letters: SQLite finds nothing shorter in its index of texts
COMMON_TERM = (
    5_000  # tasks with a word: then reading the newest until a page is full is less work than sorting them all
)
COMMON_TAG = 1_000  # tasks with a tag: then the newest are looked through for it
RAW_LIMIT = 64 * 1024  # bytes of an answer that are kept
NOT_REMOVED = Q(removed_at__isnull=True)


def _askable() -> Q:
    """The task's key may be used for it. What is finished is asked for by members only, and not to finish it."""
    to_finish = usage.usable("key__", to_finish=True) & Q(status__in=states.ACTIVE)
    return usage.usable("key__") | to_finish


class TaskQuerySet(models.QuerySet["Task"]):
    def not_removed(self) -> "TaskQuerySet":
        return self.filter(removed_at=None)

    def removed(self) -> "TaskQuerySet":
        return self.filter(removed_at__isnull=False)

    def visible_to(self, user: Viewer) -> "TaskQuerySet":
        """What is removed is not among them: only `access.removed_tasks_for_editor` finds that."""
        return self.filter(visible_q(user), removed_at=None)  # guard: removed-tasks-are-hidden

    def editable_by(self, user: Viewer) -> "TaskQuerySet":
        return self.filter(editable_q(user))

    def owned_by(self, user: "User") -> "TaskQuerySet":
        return self.filter(owner=user)

    def active(self) -> "TaskQuerySet":
        return self.filter(status__in=states.ACTIVE)

    def scheduled(self) -> "TaskQuerySet":
        """Tasks that have a next poll."""
        return self.filter(next_poll_at__isnull=False)

    def due(self, now: "datetime") -> "TaskQuerySet":
        """What may be claimed: due, not leased by a living poller, and with a key that may be used now."""
        free = Q(lease_until=None) | Q(lease_until__lt=now)
        rested = Q(key__backoff_until=None) | Q(key__backoff_until__lte=now)
        ready = Q(key=None) | rested & _askable() & ~Q(key__state=ApiKey.State.REFUSED)
        return self.not_removed().filter(free, ready, next_poll_at__lte=now).order_by("next_poll_at")

    def submitted(self) -> "TaskQuerySet":
        """The gateway has given them an id: an intent is never asked for."""
        return self.exclude(upstream_id="")

    def of_key(self, key: ApiKey) -> "TaskQuerySet":
        return self.filter(key=key)

    def submitting_since(self, moment: "datetime") -> "TaskQuerySet":
        """Intents from before `moment` that still wait for their answer."""
        return self.filter(condition=states.SUBMITTING, created_at__lt=moment)

    def stopped_by_key(self) -> "TaskQuerySet":
        return self.filter(condition__in=states.STOPPED_BY_KEY)

    def suspended_with_usable_key(self) -> "TaskQuerySet":
        """Stopped by a key that may be used (again)."""
        usable = _askable() & ~Q(key__state=ApiKey.State.REFUSED)
        waiting = Q(next_poll_at=None) | Q(condition_since__lt=F("key__state_since"))
        return self.not_removed().active().submitted().stopped_by_key().filter(usable, waiting)

    def scheduled_without_usable_key(self) -> "TaskQuerySet":
        """With a next poll and no key that may be used for it; or said to wait for a key that is gone by now."""
        gone = Q(key=None) | ~_askable()
        useless = gone | Q(key__state=ApiKey.State.REFUSED)
        refused_then_gone = Q(condition=states.KEY_REFUSED, status__in=states.ACTIVE, key__isnull=False) & ~_askable()
        return self.filter(Q(next_poll_at__isnull=False) & useless | refused_then_gone)

    def merely_refused(self) -> "TaskQuerySet":
        """With a key that might be asked with, if the gateway did not refuse it."""
        return self.filter(_askable(), key__state=ApiKey.State.REFUSED)

    def unfinished(self) -> "TaskQuerySet":
        """Under way and not given up, or made and not copied yet: what a key is needed for to the end."""
        waiting = Q(next_poll_at__isnull=False) | Q(condition__in=(states.SUBMITTING, *states.STOPPED_BY_KEY))
        needing = Q(status__in=states.ACTIVE, removed_at=None) & waiting
        if settings.ARCHIVE:
            uncopied = Video.objects.filter(task=models.OuterRef("pk"), copy_state__in=archive_state.PENDING)
            needing |= Q(models.Exists(uncopied), status=states.COMPLETED)
        return self.filter(needing, key__revoked_at=None)

    def removed_before(self, moment: "datetime") -> "TaskQuerySet":
        """Never one whose request is still on its way: its answer may name a video that is paid for."""
        return self.filter(removed_at__lt=moment).exclude(condition=states.SUBMITTING)

    def by_owner_of_key(self, users: "models.QuerySet[User]") -> dict[int, int]:
        """How many tasks use keys of each of `users`; those without one are left out."""
        grouped = self.filter(key__owner__in=users).order_by().values_list("key__owner")
        return dict(grouped.annotate(count=models.Count("pk")))

    def with_keys_of(self, user: "User") -> "TaskQuerySet":
        return self.filter(key__owner=user)

    def probes(self, key: ApiKey) -> "TaskQuerySet":
        """What can tell whether the key works: not refused themselves, those that it has worked for first."""
        untried = self.active().submitted().scheduled().of_key(key).filter(refusals=0)
        return untried.order_by(F("polled_at").desc(nulls_last=True))

    def due_before(self, moment: "datetime") -> "TaskQuerySet":
        return self.filter(next_poll_at__lt=moment)

    def unleased(self) -> "TaskQuerySet":
        return self.filter(lease_token=None)

    def at_version(self, task: "Task") -> "TaskQuerySet":
        """The row if it is still as `task` was read."""
        return self.filter(pk=task.pk, version=task.version)  # guard: compare-and-set-on-version

    def lock_for_update(self, ids: "Sequence[uuid.UUID]") -> "dict[uuid.UUID, Task]":
        """These rows as they are now, locked until the transaction ends, in one order for all who do so."""
        rows = self.filter(pk__in=ids).order_by("pk").select_for_update(of=("self",))
        return {task.pk: task for task in rows.without_texts().prefetch_related("videos")}

    def leased(self, token: uuid.UUID) -> "TaskQuerySet":
        """The fencing predicate: what this claim still holds."""
        return self.filter(lease_token=token)  # guard: release-what-is-still-held

    def scanning_for(self, words: str) -> "TaskQuerySet":
        """Every word stands in the id, label, prompt or model: found by reading these tasks, one after the other.

        For what is few, or is found often. SQLite knows upper and lower case of ASCII only.
        """
        found, columns = self._search_columns()
        for word in words.split()[:MAX_SEARCH_TERMS]:
            # PostgreSQL folds ASCII in a third of the time that it takes for a language's letters.
            names = [f"ascii_{name}" if columns and word.isascii() else name for name in SEARCHED]
            found = found.filter(reduce(or_, (Q((f"{name}__icontains", word)) for name in names)))
        return found

    def matching(self, words: str) -> "TaskQuerySet":
        """Every word stands in the id, label, prompt or model: found in the index of texts where that is less work."""
        asked = words.split()[:MAX_SEARCH_TERMS]
        if not asked:
            return self
        texts = TaskText.objects.using(self.db).containing(asked)
        return self.scanning_for(words) if texts is None else self.filter(pk__in=texts.values("task_id"))

    def _search_columns(self) -> "tuple[TaskQuerySet, bool]":
        if connections[self.db].vendor != "postgresql":
            return self, False
        return self.alias(**{f"ascii_{name}": Collate(name, "C") for name in SEARCHED}), True

    def newest(self, count: int) -> "TaskQuerySet | None":
        """About so many of them; None when there are no more than that."""
        edge = self.order_by("-created_at").values_list("created_at", flat=True)[count : count + 1]
        return next((self.filter(created_at__gte=moment) for moment in edge), None)

    def counts(self) -> dict[str, int]:
        """Tasks by status, every status present."""
        counted = dict(self.order_by().values_list("status").annotate(count=models.Count("*")))
        return {status: counted.get(status, 0) for status in states.STATUSES}

    def counts_by_owner(self, owners: Collection[int]) -> dict[int, dict[str, int]]:
        """Tasks by status for each of `owners`, every status present."""
        counted = {owner: dict.fromkeys(states.STATUSES, 0) for owner in owners}
        grouped = self.filter(owner_id__in=owners).order_by().values_list("owner_id", "status")
        for owner, status, count in grouped.annotate(count=models.Count("*")):
            counted[owner][status] = count
        return counted

    def for_rows(self) -> "TaskQuerySet":
        """With all that a row shows, without the long columns that it does not."""
        return self.select_related("owner", "key").prefetch_related("videos", "tags").defer("raw", "params")

    def tagged(self, name: str) -> "TaskQuerySet":
        """No planner of both engines finds by itself whether to begin with the tasks or with the tags."""
        found = TaskTag.objects.using(self.db).filter(name=name)
        few = [*found.order_by().values_list("task_id", flat=True)[: COMMON_TAG + 1]]
        if len(few) <= COMMON_TAG:
            return self.filter(pk__in=few)
        return self.filter(models.Exists(found.filter(task=models.OuterRef("pk")).order_by()))

    def to_be_tagged(self, name: str) -> "TaskQuerySet":
        """Without that tag in any case, and with room for another one."""
        has_it = TaskTag.objects.filter(task=models.OuterRef("pk"), name__iexact=name)
        its_tags = TaskTag.objects.filter(task=models.OuterRef("pk")).order_by().values("task")
        counted = models.Subquery(its_tags.annotate(count=models.Count("pk")).values("count"))
        has_room = self.alias(tag_count=Coalesce(counted, 0)).filter(tag_count__lt=tags.MOST)
        return has_room.filter(~models.Exists(has_it))

    def without_texts(self) -> "TaskQuerySet":
        """Without the long columns: an answer is up to 64 kB, and there may be thousands."""
        return self.defer("raw", "params", "prompt")

    def for_acts(self) -> "TaskQuerySet":
        """With what an act on many tasks and its events need, and nothing else."""
        return self.select_related(None).only("pk", "owner_id", "version", "status", "condition", "label")


def _page_index(name: str, *columns: str) -> models.Index:
    newest_first = (F("created_at").desc(), F("id").desc())
    return models.Index(*map(F, columns), *newest_first, condition=NOT_REMOVED, name=name)


class Task(models.Model):
    class Origin(models.TextChoices):
        TRACKED = "tracked"
        CREATED = "created"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="tasks")
    key = models.ForeignKey(ApiKey, null=True, blank=True, on_delete=models.SET_NULL, related_name="tasks")
    upstream_id = models.CharField(max_length=512, blank=True)
    origin = models.CharField(max_length=10, choices=Origin.choices, default=Origin.TRACKED)
    label = models.CharField(max_length=120, blank=True)
    model = models.CharField(max_length=200, blank=True)
    prompt = models.TextField(blank=True)
    params = models.JSONField(default=dict, blank=True)
    api = models.CharField(max_length=16, blank=True, default="")  # under which the gateway knows it: Api

    status = models.CharField(max_length=12, default=states.QUEUED)
    condition = models.CharField(max_length=16, blank=True, default=states.FINE)
    condition_since = models.DateTimeField(null=True, blank=True)
    raw_status = models.CharField(max_length=64, blank=True, db_column="word")  # the status as the gateway spelt it
    progress = models.PositiveSmallIntegerField(null=True, blank=True)
    format = models.CharField(max_length=20, blank=True)
    duration = models.FloatField(null=True, blank=True)  # seconds
    fps = models.PositiveIntegerField(null=True, blank=True)
    width = models.PositiveIntegerField(null=True, blank=True)
    height = models.PositiveIntegerField(null=True, blank=True)
    seed = models.BigIntegerField(null=True, blank=True)
    error_code = models.CharField(max_length=100, blank=True)
    error_message = models.TextField(blank=True)
    usage = models.JSONField(null=True, blank=True)  # amounts by the gateway's names for them; None: it told none

    raw = models.TextField(blank=True)
    raw_http_status = models.PositiveSmallIntegerField(null=True, blank=True, db_column="raw_status")
    raw_at = models.DateTimeField(null=True, blank=True)

    created_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    version = models.PositiveIntegerField(default=1)
    next_poll_at = models.DateTimeField(null=True, blank=True)
    polled_at = models.DateTimeField(null=True, blank=True)  # the last answer that spoke of this task
    lease_until = models.DateTimeField(null=True, blank=True)
    lease_token = models.UUIDField(null=True, blank=True)
    polls = models.PositiveIntegerField(default=0)
    failures = models.PositiveIntegerField(default=0)  # in a row
    refusals = models.PositiveIntegerField(default=0)  # 403 in a row
    refreshed_at = models.DateTimeField(null=True, blank=True)
    deadline_at = models.DateTimeField(null=True, blank=True)
    removed_at = models.DateTimeField(null=True, blank=True)  # set: it waits to be restored or deleted

    objects: ClassVar[TaskQuerySet] = TaskQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        db_table = "task"
        ordering = ("-created_at", "-id")
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(status__in=states.STATUSES), name="task_status_known"),
            models.CheckConstraint(condition=Q(condition__in=states.CONDITIONS), name="task_condition_known"),
            # The same id is tracked once by a member; an intent has no id yet.
            models.UniqueConstraint(
                fields=("owner", "upstream_id"), condition=~Q(upstream_id=""), name="task_id_once_per_owner"
            ),
        ]
        indexes: ClassVar = [
            # The table: a member's page, newest first, by keyset; with and without a status.
            _page_index("task_page_of_owner", "owner"),
            _page_index("task_page_of_owner_status", "owner", "status"),
            # The same for admins, over everybody.
            _page_index("task_page_of_all"),
            _page_index("task_page_of_all_status", "status"),
            # A page of one model, which may be a rare one.
            _page_index("task_page_of_model", "model"),
            # A page of what needs attention, and of a condition.
            _page_index("task_page_of_condition", "condition"),
            # TaskQuerySet.counts: few different entries, which PostgreSQL keeps together, so it is read in no time.
            models.Index(fields=("status", "owner"), condition=NOT_REMOVED, name="task_count"),
            # The page of removed tasks, and what is to be deleted next.
            models.Index(F("removed_at").desc(), F("id").desc(), condition=~NOT_REMOVED, name="task_removed"),
            # TaskQuerySet.due: what the poller claims next.
            models.Index(fields=("next_poll_at",), condition=Q(next_poll_at__isnull=False), name="task_due"),
            # A claim's write-back and its release.
            models.Index(fields=("lease_token",), condition=Q(lease_token__isnull=False), name="task_lease"),
        ]

    def __str__(self) -> str:
        return self.upstream_id or str(self.pk)

    @property
    def is_terminal(self) -> bool:
        return self.status in states.TERMINAL

    @property
    def title(self) -> str:
        """What a person calls it: the label, else the prompt, else the id."""
        return self.label or self.prompt or self.upstream_id or "New video"

    def video_urls(self) -> list[str]:
        """The address of each of its videos, in order; empty where only the gateway's `/content` leads to one."""
        return [video.url for video in self.videos.all()]

    def first_video(self) -> "Video":
        """Unsaved while the task has none."""
        return next(iter(self.videos.all()), None) or Video(pk=self.pk, task=self)


class TaskTag(models.Model):
    """A tag of a task. Within a task no two differ in upper and lower case alone."""

    id = models.BigAutoField(primary_key=True)
    # No index of its own: that of the constraint serves.
    task = models.ForeignKey(Task, on_delete=models.CASCADE, related_name="tags", db_index=False)
    name = models.CharField(max_length=tags.LONGEST)

    class Meta:
        db_table = "task_tag"
        ordering = ("name",)
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("task", "name"), name="task_tag_once_per_task"),
        ]
        indexes: ClassVar = [
            # TaskQuerySet.tagged
            models.Index(fields=("name", "task"), name="task_tag_name"),
        ]

    def __str__(self) -> str:
        return self.name


class VideoQuerySet(models.QuerySet["Video"]):
    def unnoticed(self) -> "VideoQuerySet":
        """Of finished tasks, and the archive has not taken notice."""
        return self.filter(copy_state=archive_state.NONE, task__status=states.COMPLETED, task__removed_at=None)

    def due(self, now: "datetime") -> "VideoQuerySet":
        """To be fetched, or looked after, and not in the hands of a living archiver.

        Those that only an address leads to come first, as addresses expire; then those that wait longest.
        """
        free = Q(lease_until=None) | Q(lease_until__lt=now)
        has_other_way = Q(position=1, task__key__isnull=False) | Q(url="")
        return self.filter(free, next_try_at__lte=now, task__isnull=False).order_by(
            models.Case(models.When(has_other_way, then=1), default=0), "next_try_at"
        )

    def orphaned(self) -> "VideoQuerySet":
        """Of tasks that were deleted."""
        return self.filter(task=None)

    def claimed_as(self, video: "Video") -> "VideoQuerySet":
        """The fencing predicate: the row, if it is still under the claim that `video` was read with."""
        return self.filter(pk=video.pk, lease_token=video.lease_token)

    def evictable(self) -> "VideoQuerySet":
        """Copies of removed tasks."""
        return self.filter(task__removed_at__isnull=False, kept_at__isnull=False)

    def occupied(self) -> int:
        """Bytes kept, and bytes promised to videos that are being fetched."""
        return self.filter(file_size__isnull=False).aggregate(total=models.Sum("file_size"))["total"] or 0


class Video(models.Model):
    """One video of a task: where it is, what is known of its bytes, and our copy of it.

    A completed task has at least one, made in the same transaction. A row comes before its file and goes after it: a
    file without a row is always rubbish, and a row without a task is a file to be removed.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)  # the first one's is the task's
    # No index of its own: that of the constraint serves.
    task = models.ForeignKey(Task, null=True, on_delete=models.SET_NULL, related_name="videos", db_index=False)
    position = models.PositiveSmallIntegerField(default=1)  # among the task's, from 1
    url = models.TextField(blank=True)  # empty: only the gateway's `/content` leads to it
    created_at = models.DateTimeField(default=timezone.now)

    # What is known of the bytes that are played, whatever their source.
    size_bytes = models.BigIntegerField(null=True, blank=True)
    content_type = models.CharField(max_length=40, blank=True)
    content_etag = models.CharField(max_length=200, blank=True)

    # Our copy, and the work on it.
    copy_state = models.CharField(max_length=10, blank=True, default=archive_state.NONE)
    kept_at = models.DateTimeField(null=True, blank=True)  # set while the file is played
    file_size = models.BigIntegerField(null=True, blank=True)  # bytes; while it is fetched, as announced or counted
    file_sha256 = models.CharField(max_length=64, blank=True)  # set once a whole file is safely on disk
    file_type = models.CharField(max_length=40, blank=True)
    file_etag = models.CharField(max_length=200, blank=True)  # under which the file's bytes are played
    stored_at = models.DateTimeField(null=True, blank=True)
    checked_at = models.DateTimeField(null=True, blank=True)  # when the file was last read whole, and was right
    tries = models.PositiveIntegerField(default=0)  # that failed, in a row
    error = models.CharField(max_length=300, blank=True)  # of the last one
    next_try_at = models.DateTimeField(null=True, blank=True)  # of a kept one: when it is read whole again
    lease_until = models.DateTimeField(null=True, blank=True)
    lease_token = models.UUIDField(null=True, blank=True)

    objects: ClassVar[VideoQuerySet] = VideoQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        db_table = "video"
        ordering = ("position",)
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("task", "position"), name="video_once_per_position"),
            models.CheckConstraint(condition=Q(position__gte=1), name="video_position_from_1"),
        ]
        indexes: ClassVar = [
            # VideoQuerySet.unnoticed: what the archive does not know of yet.
            models.Index(fields=("created_at",), condition=Q(copy_state=archive_state.NONE), name="video_unnoticed"),
            # VideoQuerySet.due: what an archiver claims next.
            models.Index(fields=("next_try_at",), condition=Q(next_try_at__isnull=False), name="video_due"),
            # VideoQuerySet.occupied: the index alone answers it.
            models.Index(fields=("file_size",), condition=Q(file_size__isnull=False), name="video_file_size"),
        ]

    def __str__(self) -> str:
        return f"video {self.position} of {self.task_id}"

    @property
    def is_gone(self) -> bool:
        """The gateway has it no longer, and we hold no copy of it."""
        return self.kept_at is None and self.copy_state == archive_state.GONE


class TaskTextQuerySet(models.QuerySet["TaskText"]):
    def containing(self, words: "Sequence[str]") -> "TaskTextQuerySet | None":
        """Texts with all of `words`, upper and lower case alike; None where the index is of no use for them."""
        if connections[self.db].vendor == "postgresql":  # uses the index, or not, by its own statistics
            return self.filter(*(Q(text__icontains=word) for word in words))
        phrases = " AND ".join('"' + word.replace('"', '""') + '"' for word in words if len(word) >= TRIGRAM)
        if not phrases:
            return None
        hits = RawSQL("SELECT rowid FROM task_text_trigrams WHERE task_text_trigrams MATCH %s", [phrases])
        if all(word.isascii() for word in words) and self._are_more_than(COMMON_TERM, phrases):
            return None
        return self.filter(*(Q(text__icontains=word) for word in words if len(word) < TRIGRAM), pk__in=hits)

    def _are_more_than(self, number: int, phrases: str) -> bool:
        some = "SELECT count(*) FROM (SELECT 1 FROM task_text_trigrams WHERE task_text_trigrams MATCH %s LIMIT %s)"
        with connections[self.db].cursor() as cursor:
            cursor.execute(some, [phrases, number + 1])
            return int(cursor.fetchone()[0]) > number


class TaskText(models.Model):
    """What a search looks through. Triggers on `task` keep it, so that no writer can forget it (migration 0008).

    Apart from `task`, as every poll moves a row there and would write an index of all its trigrams anew. PostgreSQL has
    the index `task_text_trigrams` (pg_trgm, GIN) on UPPER(text); on SQLite that is an FTS5 table over this one, kept by
    triggers, too, which takes 33 MB for 100,000 texts of 130 letters.
    """

    task = models.OneToOneField(Task, on_delete=models.DO_NOTHING, db_constraint=False, related_name="+")
    text = models.TextField()

    objects: ClassVar[TaskTextQuerySet] = TaskTextQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        db_table = "task_text"

    def __str__(self) -> str:
        return self.text


class TaskEventQuerySet(models.QuerySet["TaskEvent"]):
    def visible_to(self, user: Viewer) -> "TaskEventQuerySet":
        return self.filter(visible_q(user))

    def read_after(self, cursor: int, limit: int) -> "TaskEventQuerySet":
        """The first `limit` events with an id above `cursor`, in the order of their ids.

        Events become visible in that order: whoever stores events holds one lock from before they get their ids until
        the commit (`writes.EVENTS_LOCK`; SQLite has one writer anyway). So a reader that goes on from the highest id
        it has read misses none. An id may be missing for good: after a rollback, and where old events were pruned.
        """
        return self.filter(pk__gt=cursor).order_by("pk")[:limit]

    def resume(self, user: Viewer, cursor: int) -> "TaskEventQuerySet":
        """The event at `cursor`, whoever's it is, and what came after it and may be seen by `user`."""
        since, visible = self.filter(pk__gte=cursor).order_by("pk"), visible_q(user)
        # guard: replay-is-filtered
        return since if not visible else since.filter(visible | Q(pk=cursor))

    def last_cursor(self) -> int:
        return self.aggregate(last=models.Max("pk"))["last"] or 0

    def progress_before(self, moment: "datetime") -> "TaskEventQuerySet":
        """Steps that nobody will ask about any more; never the newest event, which is where cursors go on from."""
        return self.filter(kind=TaskEvent.Kind.PROGRESS, at__lt=moment, pk__lt=self.last_cursor())

    def orphans(self, moment: "datetime") -> "TaskEventQuerySet":
        """From before then, of tasks that are gone."""
        gone = ~models.Exists(Task.objects.filter(pk=models.OuterRef("task_id")))
        return self.filter(gone, at__lt=moment, pk__lt=self.last_cursor())

    def of_task(self, task_id: uuid.UUID) -> "TaskEventQuerySet":
        return self.filter(task_id=task_id).order_by("version")


class TaskEvent(models.Model):
    """One change of one task. Its id is the live stream's cursor. It outlives its task, so that a deletion is told.

    The table is an outbox: whatever reacts to changes reads it with a cursor of its own, see `read_after`.
    """

    class Kind(models.TextChoices):
        CREATED = "created"
        STATUS = "status"
        CONDITION = "condition"
        PROGRESS = "progress"
        DETAIL = "detail"
        LABEL = "label"
        TAGS = "tags"
        REFRESH = "refresh"
        COPY = "copy"
        REMOVED = "removed"
        RESTORED = "restored"
        DELETED = "deleted"

    id = models.BigAutoField(primary_key=True)
    task_id = models.UUIDField()
    owner_id = models.BigIntegerField()
    version = models.PositiveIntegerField()
    kind = models.CharField(max_length=10, choices=Kind.choices)
    status = models.CharField(max_length=12)
    condition = models.CharField(max_length=16, blank=True)
    detail = models.CharField(max_length=300, blank=True)
    at = models.DateTimeField(default=timezone.now)

    objects: ClassVar[TaskEventQuerySet] = TaskEventQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        db_table = "task_event"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("task_id", "version"), name="task_event_once_per_version"),
        ]
