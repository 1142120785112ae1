"""Forms of the tasks: track by id, start a video, name one."""

import base64
import json
import math
import re
import uuid
from typing import TYPE_CHECKING, Any, cast

from django import forms
from django.core.files.uploadedfile import UploadedFile

from dashboard.accounts.models import User
from dashboard.keys import access as key_access
from dashboard.keys.forms import PublicTextField
from dashboard.keys.models import ApiKey
from dashboard.tasks.models import Task
from dashboard.tasks.pasted_ids import MOST_IDS, PastedId, parse_pasted
from dashboard.tasks.submission import Submission
from dashboard.upstream import values

if TYPE_CHECKING:
    Upload = UploadedFile[bytes]
else:
    Upload = UploadedFile

IMAGE_LIMIT = 10 * 1024 * 1024
METADATA_LIMIT = 16 * 1024
METADATA_DEPTH = 32  # levels: whatever writes it further on does so by recursion, and has other code below it
TOO_DEEP = f"This JSON is nested too deeply: up to {METADATA_DEPTH} levels are allowed."
IMAGE_STARTS = {b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg", b"RIFF": "image/webp"}
NUL = re.compile(r"\\u0000|\x00")
NUMBERS = ("duration", "width", "height", "fps", "seed", "n")


class KeyChoice(forms.ModelChoiceField):  # type: ignore[type-arg]  # generic only in the stubs
    def label_from_instance(self, obj: object) -> str:
        key = cast(ApiKey, obj)
        return f"{key.label} (…{key.last_four})"


class TrackForm(forms.Form):
    task_ids = forms.CharField(
        max_length=100_000,
        label="Task ids",
        widget=forms.Textarea(
            attrs={"rows": 1, "placeholder": "Paste task ids or their addresses", "spellcheck": "false"}
        ),
        error_messages={"required": "Paste at least one task id."},
    )
    key = KeyChoice(
        ApiKey.objects.none(),
        required=False,
        label="Key",
        empty_label="Find the key",
        error_messages={"invalid_choice": "This key is not one of yours, or it was revoked. Pick another one."},
    )

    def __init__(self, user: User, data: object = None, **options: Any) -> None:
        super().__init__(data, **options)  # type: ignore[arg-type]  # a QueryDict or nothing
        self.keys = key_access.own_usable_keys(user)
        cast(KeyChoice, self.fields["key"]).queryset = self.keys

    def clean_task_ids(self) -> list[PastedId]:
        pieces = parse_pasted(self.cleaned_data["task_ids"])
        if not pieces:
            raise forms.ValidationError("Paste at least one task id.")
        if len(pieces) > MOST_IDS:
            raise forms.ValidationError(f"These are {len(pieces)} ids; {MOST_IDS} at a time are allowed.")
        return pieces


class LabelForm(forms.Form):
    label = PublicTextField(max_length=120, required=False, label="Label")


def _whole(name: str, low: int, high: int, **options: Any) -> forms.IntegerField:
    words = f"{name} is a whole number from {low:,} to {high:,}."
    messages = dict.fromkeys(("invalid", "min_value", "max_value"), words)
    return forms.IntegerField(
        required=False, label=name, min_value=low, max_value=high, error_messages=messages, **options
    )


class CreateForm(forms.Form):
    number = forms.UUIDField(widget=forms.HiddenInput, required=False)
    key = KeyChoice(
        ApiKey.objects.none(),
        empty_label=None,
        label="Key",
        error_messages={
            "required": "Pick the key that pays for this video.",
            "invalid_choice": "This key is not one of yours, or it was revoked. Pick another one.",
        },
    )
    model = PublicTextField(max_length=200, label="Model", error_messages={"required": "Name the model."})
    prompt = PublicTextField(
        max_length=10_000,
        label="Prompt",
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": "Say what the video should show."},
    )
    image_url = forms.URLField(
        required=False,
        assume_scheme="https",
        label="Image address",
        max_length=4_000,
        error_messages={"invalid": "This is not an address. One that works starts with https://."},
    )
    image_file = forms.FileField(
        required=False, label="Image file", widget=forms.FileInput(attrs={"accept": "image/png,image/jpeg,image/webp"})
    )
    duration = forms.FloatField(
        required=False,
        label="Duration",
        min_value=0.1,
        max_value=600,
        error_messages=dict.fromkeys(
            ("invalid", "min_value", "max_value"), "Duration is a number of seconds from 0.1 to 600."
        ),
    )
    width = _whole("Width", 16, 8192)
    height = _whole("Height", 16, 8192)
    fps = _whole("Fps", 1, 240)
    seed = _whole("Seed", 0, 2**53 - 1)
    n = _whole("Number of videos", 1, 10)
    metadata = forms.CharField(
        required=False,
        max_length=METADATA_LIMIT,
        label="Metadata",
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false", "placeholder": '{"aspect_ratio": "16:9"}'}),
    )

    def __init__(
        self, user: User, data: object = None, files: object = None, *, clone_of: Task | None = None, prompt: str = ""
    ) -> None:
        initial = _initial(clone_of) | ({"prompt": prompt} if prompt else {})
        super().__init__(data, files, initial=initial)  # type: ignore[arg-type]
        keys = cast(KeyChoice, self.fields["key"])
        keys.queryset = key_access.own_usable_keys(user)
        if clone_of is not None:
            keys.initial = clone_of.key_id

    def clean_image_file(self) -> Upload | None:
        file: Upload | None = self.cleaned_data["image_file"]
        if file is None:
            return None
        if (file.size or 0) > IMAGE_LIMIT:
            raise forms.ValidationError(
                f"This image has {(file.size or 0) / 2**20:.1f} MB; up to {IMAGE_LIMIT // 2**20} MB are allowed."
            )
        if _image_type(file) is None:
            raise forms.ValidationError("This is not an image of an allowed kind: PNG, JPEG or WebP.")
        return file

    def clean_metadata(self) -> dict[str, object]:
        text = self.cleaned_data["metadata"].strip()
        if not text:
            return {}
        try:
            value = json.loads(text, parse_constant=_no_constant, parse_float=_finite)
        except ValueError as error:
            raise forms.ValidationError(f"This is not JSON: {error}.") from error
        except RecursionError as error:
            raise forms.ValidationError(TOO_DEEP) from error
        if values.is_nested_deeper(value, METADATA_DEPTH):
            raise forms.ValidationError(TOO_DEEP)
        if not _is_storable(text, value):
            raise forms.ValidationError("Metadata holds a character that no text may hold, such as NUL.")
        if not isinstance(value, dict):
            raise forms.ValidationError('Metadata is a JSON object, such as {"aspect_ratio": "16:9"}.')
        return value

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("image_url") and cleaned.get("image_file"):
            self.add_error("image_file", "There is an image address as well: use one of the two.")
        return cleaned

    def wanted(self) -> Submission:
        """The request of a valid form."""
        given = {name: self.cleaned_data[name] for name in NUMBERS if self.cleaned_data[name] is not None}
        params = {"model": self.cleaned_data["model"], "prompt": self.cleaned_data["prompt"], **given}
        if self.cleaned_data["metadata"]:
            params["metadata"] = self.cleaned_data["metadata"]
        payload = dict(params)
        if self.cleaned_data["image_url"]:
            payload["image"] = params["image"] = self.cleaned_data["image_url"]
        elif self.cleaned_data["image_file"]:
            payload["image"] = _data_url(self.cleaned_data["image_file"])
            params["image_file"] = str(self.cleaned_data["image_file"].name)[:200]
        idempotency_key = self.cleaned_data["number"] or uuid.uuid4()
        return Submission(idempotency_key=idempotency_key, key=self.cleaned_data["key"], payload=payload, params=params)


def _no_constant(constant: str) -> float:
    raise ValueError(f"{constant} is not allowed")


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"{text} is too large a number")
    return number


def _is_storable(text: str, value: object) -> bool:
    """Escapes can spell what neither UTF-8 nor PostgreSQL takes: NUL and halves of surrogate pairs."""
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return False
    return NUL.search(text) is None


def _image_type(file: Upload) -> str | None:
    head = file.read(16)
    file.seek(0)
    return next((kind for start, kind in IMAGE_STARTS.items() if head.startswith(start)), None)


def _data_url(file: Upload) -> str:
    kind = _image_type(file)
    file.seek(0)
    return f"data:{kind};base64,{base64.b64encode(file.read()).decode()}"


def _initial(clone_of: Task | None) -> dict[str, Any]:
    initial: dict[str, Any] = {"number": uuid.uuid4()}
    if clone_of is None:
        return initial
    params: dict[str, Any] = clone_of.params
    initial |= {name: params.get(name) for name in ("model", "prompt", *NUMBERS)}
    initial["model"], initial["prompt"] = clone_of.model, clone_of.prompt
    if not params:
        # A task that was only tracked: what the gateway said of its video is the best guess.
        initial |= {name: getattr(clone_of, name) for name in ("duration", "width", "height", "fps", "seed")}
    initial["image_url"] = params.get("image", "")
    if params.get("metadata"):
        initial["metadata"] = json.dumps(params["metadata"], indent=2, ensure_ascii=False)
    return initial
