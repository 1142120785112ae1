"""How a task is shown: a Row contains every word and flag, so that templates only print them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext_noop

from dashboard.tasks import row_words, states
from dashboard.tasks.media_info import PictureKind
from dashboard.tasks.models import Task, Video
from dashboard.templatetags.display import clock, cut, visible
from dashboard.upstream import known_failures, task_objects

STATUS_WORDS = {
    states.QUEUED: gettext_noop("Queued"),
    states.IN_PROGRESS: gettext_noop("In progress"),
    states.COMPLETED: gettext_noop("Completed"),
    states.FAILED: gettext_noop("Failed"),
}
# Names of Lucide icons.
STATUS_ICONS = {
    states.QUEUED: "clock",
    states.IN_PROGRESS: "loader",
    states.COMPLETED: "circle-check",
    states.FAILED: "circle-x",
}
# For a task that the gateway has never reported on; with any other condition its status is UNKNOWN.
WORDS_BEFORE_STATUS = {states.CHECKING: gettext_noop("Checking…"), states.SUBMITTING: gettext_noop("Submitting…")}
UNKNOWN = gettext_noop("Unknown")
CONDITION_WORDS = {
    states.CHECKING: gettext_noop("Checking…"),
    states.KEY_REFUSED: gettext_noop("Key refused"),
    states.NO_KEY: gettext_noop("No usable key"),
    states.NOT_FOUND: gettext_noop("Not found or expired"),
    states.OVERDUE: gettext_noop("Taking longer than usual"),
    states.UNREACHABLE: gettext_noop("Gateway unreachable"),
    states.MISCONFIGURED: gettext_noop("Invalid gateway response"),
    states.SILENT: gettext_noop("No status reported"),
    states.SUBMITTING: gettext_noop("Submitting"),
    states.UNCONFIRMED: gettext_noop("Submission unconfirmed"),
}
CONDITION_ADVICE = {
    states.CHECKING: gettext_noop("Checking this task at the gateway. Its status appears here in a moment."),
    states.KEY_REFUSED: gettext_noop("The gateway refused this task's API key. Replace or test the key to continue."),
    states.NO_KEY: gettext_noop(
        "This task's API key was revoked or can't be decrypted, or its owner has left, so status checks are "
        "paused. Replace the key, or track the ID again with another one."
    ),
    states.NOT_FOUND: gettext_noop("The gateway doesn't know this task, or has deleted it. Check the ID and the key."),
    states.OVERDUE: gettext_noop("This is taking longer than usual. Checks continue every five minutes, for a day."),
    states.UNREACHABLE: gettext_noop("The gateway isn't responding. This is the last known status; checks continue."),
    states.MISCONFIGURED: gettext_noop("The gateway's URL returns something that isn't the gateway's API."),
    states.SILENT: gettext_noop(
        "The gateway responds, but reports no status for this task. This is the last known status; checks continue."
    ),
    states.SUBMITTING: gettext_noop("The request is on its way to the gateway."),
    states.UNCONFIRMED: gettext_noop(
        "There was no clear response, so the task may be running and billed. It's never submitted twice: look "
        "it up at the gateway, then enter its ID here, or remove this task."
    ),
}
GONE = gettext_noop("The video is gone: the gateway no longer has it, and there's no saved copy.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row of the table, for pages, htmx responses and live streams. Hashable, because rendered rows are cached.

    Its words are looked up when it is rendered, so one row serves all languages. Times are timezone-aware; the browser
    formats them. `elapsed_from` is set while the task is active, `duration` (s) and `size_bytes` (of all its videos)
    once they are known. Size and duration are those of the first video's file if it has been read, otherwise what the
    gateway says. The pictures are of the first video too; their URLs are empty if there are none.
    """

    id: UUID
    dom_id: str
    version: int
    href: str
    content_href: str
    download_href: str
    poster_href: str
    storyboard_href: str
    upstream_id: str
    title: str
    subtitle: str
    tags: Sequence[str]
    model: str
    status: str
    status_msgid: str  # the status in English words, marked for translation
    unknown_status: str
    status_icon: str
    condition: str
    condition_since: datetime | None
    progress: int | None
    error_message: str
    known_failure: str  # a sentence marked for translation, if the gateway's reason is a well-known one
    owner_id: int
    owner_name: str
    created_at: datetime
    elapsed_from: datetime | None
    took_seconds: float | None
    duration: float | None
    width: int | None
    height: int | None
    size_bytes: int | None
    video_count: int
    shape: str
    is_playable: bool
    is_gone: bool
    is_active: bool
    may_change: bool

    @property
    def words(self) -> Mapping[str, str]:
        return row_words.words()

    @property
    def status_word(self) -> str:
        return row_words.text(self.status_msgid)

    @property
    def condition_word(self) -> str:
        return row_words.text(CONDITION_WORDS.get(self.condition, ""))

    @property
    def condition_advice(self) -> str:
        return row_words.text(CONDITION_ADVICE.get(self.condition, ""))

    @property
    def failure_sentence(self) -> str:
        """Why there is no video, in our words; empty if only the gateway's say it."""
        return row_words.text(GONE if self.is_gone else self.known_failure)

    @property
    def gateway_words(self) -> str:
        """Why there is no video, in the gateway's words."""
        return self.error_message if self.status == states.FAILED or self.is_empty else ""

    @property
    def is_empty(self) -> bool:
        """Whether it has completed, but the gateway says why there is no video."""
        return self.status == states.COMPLETED and bool(self.error_message) and not self.is_gone

    @property
    def error_line(self) -> str:
        """Returns both on one line."""
        if self.failure_sentence and self.gateway_words:
            line = row_words.sentence("gateway_says", sentence=self.failure_sentence, words=self.gateway_words)
        else:
            line = self.failure_sentence or self.gateway_words
        return row_words.sentence("no_video", reason=line) if line and self.is_empty else line

    @property
    def select_label(self) -> str:
        return row_words.sentence("select", title=cut(self.title, 60))

    @property
    def progress_label(self) -> str:
        return row_words.sentence("progress", title=cut(self.title, 60))

    @property
    def percent(self) -> str:
        return row_words.sentence("percent", percent=str(self.progress))

    @property
    def menu_label(self) -> str:
        return row_words.sentence("more_for", title=cut(self.title, 40))

    @property
    def took_label(self) -> str:
        return row_words.sentence("took_for", time=clock(self.took_seconds))

    @property
    def unknown_label(self) -> str:
        return row_words.sentence("gateway_status", status=self.unknown_status)

    @property
    def videos_label(self) -> str:
        return row_words.count_of_videos(self.video_count)


def aspect_of(width: int | None, height: int | None) -> str:
    """Returns which placeholder fits: `wide`, `tall` or `square`."""
    if not width or not height or width > height * 1.1:
        return "wide"
    return "tall" if height > width * 1.1 else "square"


def frame_size(task: Task, video: Video | None) -> tuple[int | None, int | None]:
    """Returns the video's width and height: those of its file, otherwise the gateway's, which are the first video's."""
    if video and video.media_info.width and video.media_info.height:
        return video.media_info.width, video.media_info.height
    return (task.width, task.height) if video is None or video.position == 1 else (None, None)


def duration_of(task: Task, video: Video | None) -> float | None:
    """Returns the seconds of the video: those of its file, otherwise the gateway's, which are the first video's."""
    reported = task.duration if video is None or video.position == 1 else None
    return (video.media_info.duration if video else None) or reported


def picture_href(path: str, video: Video, kind: PictureKind) -> str:
    """Returns the picture's URL below `path`, that of a task or a share link; empty if there is no picture."""
    if not video.media_info.picture_size(kind):
        return ""
    position = "" if video.position == 1 else f"video={video.position}&"
    return f"{path}/{kind}?{position}v={video.media_version}"


def _status_msgid(task: Task) -> str:
    """Returns the status in English words, or a substitute if the gateway hasn't reported one."""
    is_accepted = task.origin == Task.Origin.CREATED and task.upstream_id
    if not task.condition or task.status != states.QUEUED or task.polled_at or is_accepted:
        return STATUS_WORDS[task.status]
    return WORDS_BEFORE_STATUS.get(task.condition, UNKNOWN)


def _unknown_status(task: Task) -> str:
    """Returns the gateway's own status if it is one that we don't know, as long as the task is active."""
    is_known = not task.raw_status or task_objects.status_of(task.raw_status) or ":" in task.raw_status
    return "" if task.is_terminal or is_known else task.raw_status


def _total_size(videos: Iterable[Video]) -> int | None:
    sizes = [video.size_bytes for video in videos]
    known = [size for size in sizes if size is not None]
    return sum(known) if known and len(known) == len(sizes) else None


def row(task: Task, *, may_change: bool = True) -> Row:
    path = f"/tasks/{task.pk}"  # by hand, as in the row templates: `reverse` takes a tenth of a row's time
    content = f"{path}/content"
    done = task.finished_at if task.is_terminal else None
    videos = task.videos.all() if task.status == states.COMPLETED else ()
    is_gone = bool(videos) and all(video.is_gone for video in videos)
    first = videos[0] if videos else None
    width, height = frame_size(task, first)
    return Row(
        id=task.pk,
        dom_id=f"task-{task.pk}",
        version=task.version,
        href=path,
        content_href=content,
        download_href=f"{content}?download=1",
        poster_href=picture_href(path, first, "poster") if first else "",
        storyboard_href=picture_href(path, first, "storyboard") if first else "",
        upstream_id=task.upstream_id,
        title=visible(task.title),
        subtitle=visible(task.prompt) if task.label else "",
        tags=tuple(tag.name for tag in task.tags.all()),
        model=task.model,
        status=task.status,
        status_msgid=_status_msgid(task),
        unknown_status=_unknown_status(task),
        status_icon=STATUS_ICONS[task.status],
        condition=task.condition,
        condition_since=task.condition_since,
        progress=task.progress if task.status == states.IN_PROGRESS else None,
        error_message=task.error_message,
        known_failure=known_failures.sentence(task.error_code, task.error_message) if task.is_terminal else "",
        owner_id=task.owner_id,
        owner_name=task.owner.name,
        created_at=task.created_at,
        elapsed_from=None if task.is_terminal else task.created_at,
        took_seconds=(done - task.created_at).total_seconds() if done else None,
        duration=duration_of(task, first),
        width=width,
        height=height,
        size_bytes=_total_size(videos),
        video_count=len(videos),
        shape=aspect_of(width, height),
        is_playable=task.status == states.COMPLETED and not is_gone,
        is_gone=is_gone,
        is_active=not task.is_terminal,
        may_change=may_change,
    )
