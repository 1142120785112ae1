"""Tasks, their videos and their events. `writes` is the only writer of tasks; every query is a method of a queryset."""

import uuid
from collections.abc import Collection
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from django.conf import settings
from django.db import connections, models
from django.db.models import F, Q
from django.db.models.expressions import RawSQL
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext

from dashboard.keys import usage
from dashboard.keys.models import ApiKey
from dashboard.tasks import archive_state, search_words, states, tags
from dashboard.tasks.media_info import MediaInfo
from dashboard.tasks.visibility import Viewer, editable_q, visible_q

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from dashboard.accounts.models import User

TRIGRAM = 3  # characters of an entry of the index of texts
LAST_CHARACTER = "\U0010ffff"
RARE_TERM = 1_000  # tasks with a word; up to this, looking all of them up is less work than scanning the newest
COMMON_TERM = 5_000  # tasks with a word; above this, scanning the newest for a full page is less work than sorting all
COMMON_IN_ANY_ORDER = 15_000  # tasks with a word; above this, scanning for a thousand tasks is less work
COMMON_ON_POSTGRESQL = 2_000  # tasks with a word; above this, PostgreSQL's planner knows better how to scan for them
COMMON_TAG = 1_000  # tasks with a tag; above this, the newest tasks are checked for the tag
RAW_LIMIT = 64 * 1024  # characters of an answer that are stored
NOT_REMOVED = Q(removed_at__isnull=True)


def _askable() -> Q:
    """The task's key may be used to poll it.

    The keys of a closed account may only finish its active tasks: only members' requests poll tasks that have ended.
    """
    to_finish = usage.usable("key__", to_finish=True) & Q(status__in=states.ACTIVE)
    return usage.usable("key__") | to_finish


class TaskQuerySet(models.QuerySet["Task"]):
    def not_removed(self) -> "TaskQuerySet":
        return self.filter(removed_at=None)

    def removed(self) -> "TaskQuerySet":
        return self.filter(removed_at__isnull=False)

    def visible_to(self, user: Viewer) -> "TaskQuerySet":
        """Excludes removed tasks: only `access.removed_tasks_for_editor` finds those."""
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
        """Tasks that can be claimed: due, not leased by a live poller, and without a key or with a usable one."""
        free = Q(lease_until=None) | Q(lease_until__lt=now)
        rested = Q(key__backoff_until=None) | Q(key__backoff_until__lte=now)
        ready = Q(key=None) | rested & _askable() & ~Q(key__state=ApiKey.State.REFUSED)
        return self.not_removed().filter(free, ready, next_poll_at__lte=now).order_by("next_poll_at")

    def submitted(self) -> "TaskQuerySet":
        """Tasks with an ID from the gateway: an intent is never polled."""
        return self.exclude(upstream_id="")

    def of_key(self, key: ApiKey) -> "TaskQuerySet":
        return self.filter(key=key)

    def submitting_since(self, moment: "datetime") -> "TaskQuerySet":
        """Intents from before `moment` that still wait for a response."""
        return self.filter(condition=states.SUBMITTING, created_at__lt=moment)

    def stopped_by_key(self) -> "TaskQuerySet":
        return self.filter(condition__in=states.STOPPED_BY_KEY)

    def suspended_with_usable_key(self) -> "TaskQuerySet":
        """Active tasks that were stopped by their key, which may be used (again)."""
        usable = _askable() & ~Q(key__state=ApiKey.State.REFUSED)
        waiting = Q(next_poll_at=None) | Q(condition_since__lt=F("key__state_since"))
        return self.not_removed().active().submitted().stopped_by_key().filter(usable, waiting)

    def scheduled_without_usable_key(self) -> "TaskQuerySet":
        """Tasks with a next poll but no usable key; or shown as waiting for a refused key that is unusable by now."""
        gone = Q(key=None) | ~_askable()
        useless = gone | Q(key__state=ApiKey.State.REFUSED)
        refused_then_gone = Q(condition=states.KEY_REFUSED, status__in=states.ACTIVE, key__isnull=False) & ~_askable()
        return self.filter(Q(next_poll_at__isnull=False) & useless | refused_then_gone)

    def merely_refused(self) -> "TaskQuerySet":
        """Tasks whose key could be used if the gateway didn't refuse it."""
        return self.filter(_askable(), key__state=ApiKey.State.REFUSED)

    def unfinished(self) -> "TaskQuerySet":
        """Tasks that still need their key: active and not given up, or completed with a video that isn't copied yet."""
        waiting = Q(next_poll_at__isnull=False) | Q(condition__in=(states.SUBMITTING, *states.STOPPED_BY_KEY))
        needing = Q(status__in=states.ACTIVE, removed_at=None) & waiting
        if settings.ARCHIVE:
            uncopied = Video.objects.filter(task=models.OuterRef("pk"), copy_state__in=archive_state.PENDING)
            needing |= Q(models.Exists(uncopied), status=states.COMPLETED)
        return self.filter(needing, key__revoked_at=None)

    def removed_before(self, moment: "datetime") -> "TaskQuerySet":
        """Excludes tasks whose request is still under way: the response may name a video that is billed."""
        return self.filter(removed_at__lt=moment).exclude(condition=states.SUBMITTING)

    def by_owner_of_key(self, users: "models.QuerySet[User]") -> dict[int, int]:
        """Returns how many tasks use keys of each of `users`, by user ID. Users without such a task are left out."""
        grouped = self.filter(key__owner__in=users).order_by().values_list("key__owner")
        return dict(grouped.annotate(count=models.Count("pk")))

    def with_keys_of(self, user: "User") -> "TaskQuerySet":
        return self.filter(key__owner=user)

    def probes(self, key: ApiKey) -> "TaskQuerySet":
        """Tasks that show whether the key works: none that were refused themselves; last answered first."""
        untried = self.active().submitted().scheduled().of_key(key).filter(refusals=0)
        return untried.order_by(F("polled_at").desc(nulls_last=True))

    def due_before(self, moment: "datetime") -> "TaskQuerySet":
        return self.filter(next_poll_at__lt=moment)

    def unleased(self) -> "TaskQuerySet":
        return self.filter(lease_token=None)

    def at_version(self, task: "Task") -> "TaskQuerySet":
        """The task's row, if it is still at the version of `task`."""
        return self.filter(pk=task.pk, version=task.version)  # guard: compare-and-set-on-version

    def lock_for_update(self, ids: "Sequence[uuid.UUID]") -> "dict[uuid.UUID, Task]":
        """Returns these rows as they are now, locked until the transaction ends. All code locks in the same order."""
        rows = self.filter(pk__in=ids).order_by("pk").select_for_update(of=("self",))
        return {task.pk: task for task in rows.without_texts().prefetch_related("videos")}

    def leased(self, token: uuid.UUID) -> "TaskQuerySet":
        """The fencing predicate: the tasks that this claim still holds."""
        return self.filter(lease_token=token)  # guard: release-what-is-still-held

    def scanning_for(self, query: str) -> "TaskQuerySet":
        """Tasks with every word of `query` in their ID, label, prompt, model or tags, found by reading them one by one.

        For few tasks, or for common words. PostgreSQL would read all texts instead if this were EXISTS.
        """
        texts = (
            TaskText.objects.using(self.db).filter(task=models.OuterRef("pk")).with_words(search_words.words_in(query))
        )
        return self.alias(found_text=models.Subquery(texts.values("pk")[:1])).filter(found_text__isnull=False)

    def matching(self, query: str, *, in_any_order: bool = False) -> "TaskQuerySet":
        """The same tasks as `scanning_for`. Uses the index of texts where that is less work."""
        words = search_words.words_in(query)
        if not words:
            return self
        texts = TaskText.objects.using(self.db).containing(words, COMMON_IN_ANY_ORDER if in_any_order else COMMON_TERM)
        return self.scanning_for(query) if texts is None else self.filter(pk__in=texts.values("task_id"))

    def few_matching(self, query: str) -> "TaskQuerySet | None":
        """The same tasks as `matching`; None unless the index shows at once that they are few."""
        texts = TaskText.objects.using(self.db).few_containing(search_words.words_in(query), RARE_TERM)
        return None if texts is None else self.filter(pk__in=texts.values("task_id"))

    def newest(self, count: int) -> "TaskQuerySet | None":
        """About `count` of the newest tasks; None if there are no more than `count`."""
        edge = self.order_by("-created_at").values_list("created_at", flat=True)[count : count + 1]
        return next((self.filter(created_at__gte=moment) for moment in edge), None)

    def counts(self) -> dict[str, int]:
        """Returns the number of tasks by status, with every status present."""
        counted = dict(self.order_by().values_list("status").annotate(count=models.Count("*")))
        return {status: counted.get(status, 0) for status in states.STATUSES}

    def counts_by_owner(self, owners: Collection[int]) -> dict[int, dict[str, int]]:
        """Returns the number of tasks by status for each of `owners`, with every status present."""
        counted = {owner: dict.fromkeys(states.STATUSES, 0) for owner in owners}
        grouped = self.filter(owner_id__in=owners).order_by().values_list("owner_id", "status")
        for owner, status, count in grouped.annotate(count=models.Count("*")):
            counted[owner][status] = count
        return counted

    def for_rows(self) -> "TaskQuerySet":
        """With everything that a row shows, and without the long columns that it doesn't."""
        return self.select_related("owner", "key").prefetch_related("videos", "tags").defer("raw", "params")

    def tagged(self, name: str) -> "TaskQuerySet":
        """Tasks with this tag. Neither SQLite nor PostgreSQL plans well whether to start with the tasks or the tags."""
        found = TaskTag.objects.using(self.db).filter(name=name)
        few = [*found.order_by().values_list("task_id", flat=True)[: COMMON_TAG + 1]]
        if len(few) <= COMMON_TAG:
            return self.filter(pk__in=few)
        return self.filter(models.Exists(found.filter(task=models.OuterRef("pk")).order_by()))

    def to_be_tagged(self, name: str) -> "TaskQuerySet":
        """Tasks without the tag, ignoring case, that have room for another one."""
        has_it = TaskTag.objects.filter(task=models.OuterRef("pk"), name__iexact=name)
        its_tags = TaskTag.objects.filter(task=models.OuterRef("pk")).order_by().values("task")
        counted = models.Subquery(its_tags.annotate(count=models.Count("pk")).values("count"))
        has_room = self.alias(tag_count=Coalesce(counted, 0)).filter(tag_count__lt=tags.MOST)
        return has_room.filter(~models.Exists(has_it))

    def without_texts(self) -> "TaskQuerySet":
        """Without the long columns: an answer can be 64 kB, and there may be thousands of tasks."""
        return self.defer("raw", "params", "prompt")

    def for_acts(self) -> "TaskQuerySet":
        """With only the columns that bulk actions and their events need."""
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
    api = models.CharField(max_length=16, blank=True, default="")  # the gateway API that it belongs to: Api

    status = models.CharField(max_length=12, default=states.QUEUED)
    condition = models.CharField(max_length=16, blank=True, default=states.FINE)
    condition_since = models.DateTimeField(null=True, blank=True)
    raw_status = models.CharField(max_length=64, blank=True, db_column="word")  # the status as the gateway spelled it
    progress = models.PositiveSmallIntegerField(null=True, blank=True)
    format = models.CharField(max_length=20, blank=True)
    duration = models.FloatField(null=True, blank=True)  # seconds
    fps = models.PositiveIntegerField(null=True, blank=True)
    width = models.PositiveIntegerField(null=True, blank=True)
    height = models.PositiveIntegerField(null=True, blank=True)
    seed = models.BigIntegerField(null=True, blank=True)
    error_code = models.CharField(max_length=100, blank=True)
    error_message = models.TextField(blank=True)
    usage = models.JSONField(null=True, blank=True)  # amounts by the gateway's names; None: none reported

    raw = models.TextField(blank=True)
    raw_http_status = models.PositiveSmallIntegerField(null=True, blank=True, db_column="raw_status")
    raw_at = models.DateTimeField(null=True, blank=True)

    created_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    version = models.PositiveIntegerField(default=1)
    next_poll_at = models.DateTimeField(null=True, blank=True)
    polled_at = models.DateTimeField(null=True, blank=True)  # the gateway's last answer about this task
    lease_until = models.DateTimeField(null=True, blank=True)
    lease_token = models.UUIDField(null=True, blank=True)
    polls = models.PositiveIntegerField(default=0)
    failures = models.PositiveIntegerField(default=0)  # in a row
    refusals = models.PositiveIntegerField(default=0)  # 403 in a row
    refreshed_at = models.DateTimeField(null=True, blank=True)
    deadline_at = models.DateTimeField(null=True, blank=True)
    removed_at = models.DateTimeField(null=True, blank=True)  # if set, it can be restored until it is deleted

    objects: ClassVar[TaskQuerySet] = TaskQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        db_table = "task"
        ordering = ("-created_at", "-id")
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(status__in=states.STATUSES), name="task_status_known"),
            models.CheckConstraint(condition=Q(condition__in=states.CONDITIONS), name="task_condition_known"),
            # Each member tracks an ID once; an intent has no ID yet.
            models.UniqueConstraint(
                fields=("owner", "upstream_id"), condition=~Q(upstream_id=""), name="task_id_once_per_owner"
            ),
        ]
        indexes: ClassVar = [
            # The board: a page of a member's tasks, newest first, by keyset; with and without a status.
            _page_index("task_page_of_owner", "owner"),
            _page_index("task_page_of_owner_status", "owner", "status"),
            # The same for admins, with everyone's tasks.
            _page_index("task_page_of_all"),
            _page_index("task_page_of_all_status", "status"),
            # A page of one model, which may be rare.
            _page_index("task_page_of_model", "model"),
            # A page of the tasks with certain conditions, such as those that need attention.
            _page_index("task_page_of_condition", "condition"),
            # TaskQuerySet.counts: few distinct entries, which PostgreSQL deduplicates, so reading it is fast.
            models.Index(fields=("status", "owner"), condition=NOT_REMOVED, name="task_count"),
            # The page of removed tasks, and the tasks to delete next.
            models.Index(F("removed_at").desc(), F("id").desc(), condition=~NOT_REMOVED, name="task_removed"),
            # TaskQuerySet.due: what the poller claims next.
            models.Index(fields=("next_poll_at",), condition=Q(next_poll_at__isnull=False), name="task_due"),
            # The write-back and release of a claim.
            models.Index(fields=("lease_token",), condition=Q(lease_token__isnull=False), name="task_lease"),
        ]

    def __str__(self) -> str:
        return self.upstream_id or str(self.pk)

    @property
    def is_terminal(self) -> bool:
        return self.status in states.TERMINAL

    @property
    def title(self) -> str:
        """The name that people see: the label, else the prompt, else the ID."""
        return self.label or self.prompt or self.upstream_id or gettext("New video")

    def video_urls(self) -> list[str]:
        """Returns the URL of each of its videos, in order; empty for one that only the gateway's `/content` serves."""
        return [video.url for video in self.videos.all()]

    def first_video(self) -> "Video":
        """Returns the first video, or an unsaved one if the task has none."""
        return next(iter(self.videos.all()), None) or Video(pk=self.pk, task=self)


class TaskTag(models.Model):
    """A tag of a task. No two tags of a task differ only in case."""

    id = models.BigAutoField(primary_key=True)
    # Needs no index of its own: the constraint has one.
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


class SavedFilter(models.Model):
    """A member's name for a filter of the board. `query` is that of the board's URL."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    # Needs no index of its own: the constraint has one.
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="saved_filters", db_index=False
    )
    name = models.CharField(max_length=40)
    query = models.CharField(max_length=2_000)

    class Meta:
        db_table = "saved_filter"
        ordering = ("name",)
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("owner", "name"), name="saved_filter_name_once_per_owner"),
        ]

    def __str__(self) -> str:
        return self.name


class VideoQuerySet(models.QuerySet["Video"]):
    def unnoticed(self) -> "VideoQuerySet":
        """Videos of completed tasks that the archive hasn't picked up yet."""
        return self.filter(copy_state=archive_state.NONE, task__status=states.COMPLETED, task__removed_at=None)

    def due(self, now: "datetime") -> "VideoQuerySet":
        """Videos to copy or to check that no live archiver has claimed.

        Those that can only be downloaded from a URL come first, because URLs expire. Longest waiting first otherwise.
        """
        free = Q(lease_until=None) | Q(lease_until__lt=now)
        has_other_way = Q(position=1, task__key__isnull=False) | Q(url="")
        return self.filter(free, next_try_at__lte=now, task__isnull=False).order_by(
            models.Case(models.When(has_other_way, then=1), default=0), "next_try_at"
        )

    def unread(self, now: "datetime") -> "VideoQuerySet":
        """Videos with a copy whose file hasn't been read for its facts and pictures, newest first."""
        return self._unread(now).filter(kept_at__isnull=False).order_by("-kept_at")

    def unread_without_copy(self, now: "datetime") -> "VideoQuerySet":
        """Videos of completed tasks without a copy of which nothing has been read, newest first."""
        uncopied = self._unread(now).filter(kept_at=None, task__status=states.COMPLETED)
        return uncopied.exclude(copy_state__in=archive_state.GIVEN_UP).order_by("-created_at")

    def _unread(self, now: "datetime") -> "VideoQuerySet":
        free = Q(read_until=None) | Q(read_until__lt=now)
        return self.filter(free, media__isnull=True, task__isnull=False, task__removed_at=None)

    def without_pictures(self) -> "VideoQuerySet":
        """Videos with a copy whose file was read, but has no poster."""
        return self.filter(kept_at__isnull=False, media__isnull=False, media__poster_size__isnull=True)

    def orphaned(self) -> "VideoQuerySet":
        """Videos whose task was deleted."""
        return self.filter(task=None)

    def claimed_as(self, video: "Video") -> "VideoQuerySet":
        """The fencing predicate: the row, if the claim that `video` was read with still holds it."""
        return self.filter(pk=video.pk, lease_token=video.lease_token)

    def evictable(self) -> "VideoQuerySet":
        """Videos of removed tasks that have a copy."""
        return self.filter(task__removed_at__isnull=False, kept_at__isnull=False)

    def occupied(self) -> int:
        """Returns the bytes stored, plus the bytes reserved for videos that are being downloaded."""
        return self.filter(file_size__isnull=False).aggregate(total=models.Sum("file_size"))["total"] or 0


class Video(models.Model):
    """One video of a task: its URL, what is known about its bytes, and our copy of it.

    A completed task has at least one, created in the same transaction. A row is created before its file and deleted
    after it: a file without a row is always garbage, and a row without a task means that its file has to be deleted.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)  # the first video has its task's ID
    # Needs no index of its own: the constraint has one.
    task = models.ForeignKey(Task, null=True, on_delete=models.SET_NULL, related_name="videos", db_index=False)
    position = models.PositiveSmallIntegerField(default=1)  # among the task's videos, from 1
    url = models.TextField(blank=True)  # empty: only the gateway's `/content` serves it
    created_at = models.DateTimeField(default=timezone.now)

    # What is known about the bytes that are played, from any source.
    size_bytes = models.BigIntegerField(null=True, blank=True)
    content_type = models.CharField(max_length=40, blank=True)
    content_etag = models.CharField(max_length=200, blank=True)

    # Our copy, and the archive's work on it.
    copy_state = models.CharField(max_length=10, blank=True, default=archive_state.NONE)
    kept_at = models.DateTimeField(null=True, blank=True)  # set while our copy is played
    file_size = models.BigIntegerField(null=True, blank=True)  # bytes; during a download, as announced or counted
    file_sha256 = models.CharField(max_length=64, blank=True)  # set once the complete file is safely on disk
    file_type = models.CharField(max_length=40, blank=True)
    file_etag = models.CharField(max_length=200, blank=True)  # the ETag that the copy is served with
    stored_at = models.DateTimeField(null=True, blank=True)
    checked_at = models.DateTimeField(null=True, blank=True)  # when the whole file was last read and found intact
    tries = models.PositiveIntegerField(default=0)  # failed ones in a row
    error = models.CharField(max_length=300, blank=True)  # of the last failed try
    next_try_at = models.DateTimeField(null=True, blank=True)  # for a stored copy: when it is next read in full
    lease_until = models.DateTimeField(null=True, blank=True)
    lease_token = models.UUIDField(null=True, blank=True)

    # What the copied file says about itself (MediaInfo), and how large its pictures are; None: it hasn't been read.
    media = models.JSONField(null=True, blank=True)
    read_until = models.DateTimeField(null=True, blank=True)  # while a process reads it

    objects: ClassVar[VideoQuerySet] = VideoQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        db_table = "video"
        ordering = ("position",)
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("task", "position"), name="video_once_per_position"),
            models.CheckConstraint(condition=Q(position__gte=1), name="video_position_from_1"),
        ]
        indexes: ClassVar = [
            # VideoQuerySet.unnoticed: what the archive hasn't picked up yet.
            models.Index(fields=("created_at",), condition=Q(copy_state=archive_state.NONE), name="video_unnoticed"),
            # VideoQuerySet.due: what an archiver claims next.
            models.Index(fields=("next_try_at",), condition=Q(next_try_at__isnull=False), name="video_due"),
            # VideoQuerySet.occupied: read from the index alone.
            models.Index(fields=("file_size",), condition=Q(file_size__isnull=False), name="video_file_size"),
            # VideoQuerySet.unread: which file is read next.
            models.Index(
                F("kept_at").desc(), condition=Q(kept_at__isnull=False, media__isnull=True), name="video_unread"
            ),
            # VideoQuerySet.unread_without_copy: the same with ARCHIVE=off.
            models.Index(
                F("created_at").desc(), condition=Q(kept_at=None, media__isnull=True), name="video_unread_without_copy"
            ),
        ]

    def __str__(self) -> str:
        return f"video {self.position} of {self.task_id}"

    @property
    def is_gone(self) -> bool:
        """The gateway no longer has it, and we have no copy."""
        return self.kept_at is None and self.copy_state == archive_state.GONE

    @cached_property
    def media_info(self) -> MediaInfo:
        """What was read from the file when this row was loaded."""
        return MediaInfo.from_json(self.media)

    @property
    def media_version(self) -> str:
        """Part of the pictures' URLs: they change with the file."""
        return self.file_sha256[:12] or f"{self.size_bytes or 0:012x}"


class TaskTextQuerySet(models.QuerySet["TaskText"]):
    def with_words(self, words: "Sequence[str]") -> "TaskTextQuerySet":
        """Texts with all of `words`, which are folded."""
        return self.filter(*(Q(text__contains=term) for term in words))

    def containing(self, words: "Sequence[str]", common: int) -> "TaskTextQuerySet | None":
        """The same texts as `with_words`; None if more than `common` have the words, so that the index is no use."""
        if connections[self.db].vendor != "postgresql":
            return self.few_containing(words, common)
        few = self.few_containing(words, min(common, COMMON_ON_POSTGRESQL))
        if few is not None:
            return few
        # PostgreSQL decides by its statistics whether to use the index of trigrams.
        return self.with_words(words).filter(*(Q(text__icontains=term) for term in words if _is_for_trigrams(term)))

    def few_containing(self, words: "Sequence[str]", most: int) -> "TaskTextQuerySet | None":
        """The same texts as `with_words`; None unless an index shows that up to `most` have one of the words."""
        hits = _postgresql_hits(words) if connections[self.db].vendor == "postgresql" else _sqlite_hits(words)
        rare = next((hit for hit in hits if not self._are_more_than(most, hit)), None)
        return None if rare is None else self.with_words(words).filter(pk__in=rare.as_subquery())

    def _are_more_than(self, most: int, hits: "Hits") -> bool:
        some = f"SELECT count(*) FROM (SELECT 1 FROM ({hits.sql}) AS hit LIMIT %s) AS counted"  # noqa: S608  # constants
        with connections[self.db].cursor() as cursor:
            cursor.execute(some, [*hits.params, most + 1])
            return int(cursor.fetchone()[0]) > most


class Hits(NamedTuple):
    """A query for the IDs of texts, which an index answers. `sql` is made of constants."""

    sql: str
    params: list[Any]

    def as_subquery(self) -> RawSQL:
        return RawSQL(self.sql, self.params)  # noqa: S611  # constants


def _sqlite_hits(words: "Sequence[str]") -> list[Hits]:
    """Returns a query for the long words, one for each short word, and one for all of them."""
    phrases = " AND ".join('"' + term.replace('"', '""') + '"' for term in words if len(term) >= TRIGRAM)
    matching = "SELECT rowid FROM task_text_trigrams WHERE task_text_trigrams MATCH %s"
    beginning = "SELECT doc FROM task_text_terms WHERE term >= %s AND term < %s"  # a short word begins some trigrams
    hits = [Hits(matching, [phrases])] if phrases else []
    hits += [Hits(beginning, [term, term + LAST_CHARACTER]) for term in words if len(term) < TRIGRAM]
    if len(hits) > 1:
        all_of_them = " INTERSECT ".join(hit.sql for hit in hits)
        hits.append(Hits(all_of_them, [value for hit in hits for value in hit.params]))
    return hits


def _postgresql_hits(words: "Sequence[str]") -> list[Hits]:
    grams = search_words.grams_of(term for term in words if not _is_for_trigrams(term))
    return [Hits("SELECT task_texts_with(%s)", [grams])] if grams else []


def _is_for_trigrams(term: str) -> bool:
    return term.isascii() and len(term) >= TRIGRAM


class TaskText(models.Model):
    """The text that a search looks in: the task's ID, label, prompt, model and tags, as `search_words.fold` makes them.

    Triggers on `task` and `task_tag` update it, so no writer can forget to (migrations 0008 and 0033). They are written
    in SQL alone, so any program can write. A migration that makes the table `task` anew has to make them anew, too.

    It is separate from `task` because every poll updates a row there, which would rewrite the index entries of all its
    trigrams. On SQLite the index is an FTS5 table over this one, also updated by triggers. `task_text_terms` lists its
    trigrams in order: each character of a text begins one, so a shorter word is the beginning of some. PostgreSQL has
    the index `task_text_trigrams` (pg_trgm, GIN) on UPPER(text) for long ASCII words, and `task_text_grams` for others:
    characters and pairs of them, which only the function `task_texts_with` reads.
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
        """The first `limit` events with an ID above `cursor`, in order of ID.

        Events become visible in that order: a writer holds one lock from before its events get their IDs until the
        commit (`writes.EVENTS_LOCK`; SQLite has one writer anyway). So a reader that continues from the highest ID it
        has read misses none. IDs may have permanent gaps, after a rollback or where old events were pruned.
        """
        return self.filter(pk__gt=cursor).order_by("pk")[:limit]

    def resume(self, user: Viewer, cursor: int) -> "TaskEventQuerySet":
        """The event at `cursor`, regardless of its owner, and the later events that `user` may see."""
        since, visible = self.filter(pk__gte=cursor).order_by("pk"), visible_q(user)
        # guard: replay-is-filtered
        return since if not visible else since.filter(visible | Q(pk=cursor))

    def last_cursor(self) -> int:
        return self.aggregate(last=models.Max("pk"))["last"] or 0

    def progress_before(self, moment: "datetime") -> "TaskEventQuerySet":
        """Progress events that nobody needs anymore; never the newest event, because cursors continue from it."""
        return self.filter(kind=TaskEvent.Kind.PROGRESS, at__lt=moment, pk__lt=self.last_cursor())

    def orphans(self, moment: "datetime") -> "TaskEventQuerySet":
        """Events from before `moment` whose tasks were deleted; never the newest event."""
        gone = ~models.Exists(Task.objects.filter(pk=models.OuterRef("task_id")))
        return self.filter(gone, at__lt=moment, pk__lt=self.last_cursor())

    def of_task(self, task_id: uuid.UUID) -> "TaskEventQuerySet":
        return self.filter(task_id=task_id).order_by("version")


class TaskEvent(models.Model):
    """One change of one task. Its ID is the cursor of live streams. It outlives its task, to report the deletion.

    The table is an outbox: every consumer of changes reads it with its own cursor, see `read_after`.
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
        PICTURES = "pictures"
        REMOVED = "removed"
        RESTORED = "restored"
        OWNER = "owner"
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
