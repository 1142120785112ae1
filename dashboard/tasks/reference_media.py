"""Images, videos and audio files that a new video is based on: the form fields, and checks of their contents."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.core.validators import URLValidator
from django.utils.translation import gettext, gettext_noop

from dashboard.upstream.file_signatures import HEAD, looks_like_video
from dashboard.upstream.json_body import DataUrl
from dashboard.upstream.volcengine_request import MediaPart

if TYPE_CHECKING:
    Upload = UploadedFile[bytes]
else:
    Upload = UploadedFile

IMAGE_LIMIT: Final = 10 * 2**20  # bytes
AUDIO_LIMIT: Final = 15 * 2**20
_URL_LIMIT: Final = 4_000
MOST: Final = {"image": 9, "video": 3, "audio": 3}
TOO_MANY: Final = {
    "image": gettext_noop("Up to %(most)s images in total. You added %(given)s."),
    "video": gettext_noop("Up to %(most)s videos in total. You added %(given)s."),
    "audio": gettext_noop("Up to %(most)s audio files in total. You added %(given)s."),
}
# With the file's name where one field takes several files.
TOO_LARGE: Final = {
    "image": gettext_noop("This image is %(size)s MB. The limit is %(limit)s MB."),
    "audio": gettext_noop("%(file)s: This audio file is %(size)s MB. The limit is %(limit)s MB."),
}
WRONG_KIND: Final = {
    "image": gettext_noop("This isn't an image of a supported type: PNG, JPEG or WebP."),
    "video": gettext_noop("%(file)s: This isn't a video of a supported type: MP4 or MOV."),
    "audio": gettext_noop("%(file)s: This isn't an audio file of a supported type: MP3 or WAV."),
}


@dataclass(frozen=True, slots=True)
class Slot:
    """A role and its two fields: `<name>_urls` and `<name>_files`. The labels are English."""

    name: str
    kind: str  # image, video or audio
    role: str  # the gateway's name for it
    label: str
    urls_label: str
    files_label: str
    accept: str

    @property
    def most(self) -> int:
        return 1 if self.role == "last_frame" else MOST[self.kind]


SLOTS: Final = (
    Slot(
        "last_frame",
        "image",
        "last_frame",
        gettext_noop("Last frame"),
        gettext_noop("Last frame: URL"),
        gettext_noop("Last frame: from disk"),
        "image/png,image/jpeg,image/webp",
    ),
    Slot(
        "reference_image",
        "image",
        "reference_image",
        gettext_noop("Reference images"),
        gettext_noop("Reference images: URLs, one per line"),
        gettext_noop("Reference images: from disk"),
        "image/png,image/jpeg,image/webp",
    ),
    Slot(
        "reference_video",
        "video",
        "reference_video",
        gettext_noop("Reference videos"),
        gettext_noop("Reference videos: URLs, one per line"),
        gettext_noop("Reference videos: from disk"),
        "video/mp4,video/quicktime",
    ),
    Slot(
        "reference_audio",
        "audio",
        "reference_audio",
        gettext_noop("Reference audio"),
        gettext_noop("Reference audio: URLs, one per line"),
        gettext_noop("Reference audio: from disk"),
        "audio/mpeg,audio/wav",
    ),
)


class FilesInput(forms.FileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Any number of files of one kind. Cleans to a list."""

    def __init__(self, slot: Slot) -> None:
        widget = FilesInput if slot.most > 1 else forms.FileInput
        attributes = {"accept": slot.accept}
        super().__init__(required=False, label=gettext(slot.files_label), widget=widget(attrs=attributes))
        self._kind = slot.kind

    def clean(self, data: Any, initial: Any = None) -> list[Upload]:
        files = data if isinstance(data, list | tuple) else [data]
        return [checked_file(file, self._kind) for one in files if (file := super(FilesField, self).clean(one))]


class UrlsField(forms.CharField):
    """URLs, one per line. Cleans to a list."""

    def __init__(self, slot: Slot) -> None:
        attributes = {"rows": 1, "spellcheck": "false", "placeholder": "https://…"}
        label, limit = gettext(slot.urls_label), _URL_LIMIT * slot.most
        super().__init__(required=False, label=label, max_length=limit, widget=forms.Textarea(attrs=attributes))

    def clean(self, value: Any) -> list[str]:
        lines = [line.strip() for line in super().clean(value).splitlines()]
        for line in filter(None, lines):
            try:
                URLValidator(schemes=["http", "https"])(line)
            except ValidationError:
                text = gettext("“%(text)s” is not a URL. A URL starts with https://.") % {"text": line[:100]}
                raise ValidationError(text) from None
        return [line for line in lines if line]


def checked_file(file: Upload, kind: str) -> Upload:
    """Returns the file. Raises ValidationError if it is too large or not of that kind."""
    limit = {"image": IMAGE_LIMIT, "audio": AUDIO_LIMIT}.get(kind)
    size = file.size or 0
    if limit and size > limit:
        values = {"file": file.name, "size": f"{size / 2**20:.1f}", "limit": limit // 2**20}
        raise ValidationError(gettext(TOO_LARGE[kind]) % values)
    if media_type(file, kind) is None:
        raise ValidationError(gettext(WRONG_KIND[kind]) % {"file": file.name})
    return file


def media_type(file: Upload, kind: str) -> str | None:
    """Detects the media type by the first bytes. Returns None if the file is not of that kind."""
    file.seek(0)
    head = file.read(HEAD)
    file.seek(0)
    if kind == "video":
        found = looks_like_video(head)
        return found if found != "video/webm" else None
    return _image_type(head) if kind == "image" else _audio_type(head)


def _image_type(head: bytes) -> str | None:
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if head.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    return "image/webp" if head[:4] == b"RIFF" and head[8:12] == b"WEBP" else None


def _audio_type(head: bytes) -> str | None:
    if head[:4] == b"RIFF" and head[8:12] == b"WAVE":
        return "audio/wav"
    is_mpeg_frame = head[:1] == b"\xff" and len(head) > 1 and head[1] & 0xE6 == 0xE2  # layer III
    return "audio/mpeg" if head.startswith(b"ID3") or is_mpeg_frame else None


def data_url(file: Upload, kind: str) -> DataUrl:
    return DataUrl(file, media_type(file, kind) or "application/octet-stream", file.size or 0)


def parts(slot: Slot, urls: Iterable[str], files: Iterable[Upload]) -> list[MediaPart]:
    """Returns the references of a role, URLs first."""
    given: list[str | DataUrl] = [*urls, *(data_url(file, slot.kind) for file in files)]
    return [MediaPart(slot.kind, slot.role, one) for one in given]
