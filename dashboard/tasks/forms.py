"""Task forms: track by ID, create a video, set the title and tags of a task."""

import json
import math
import re
import uuid
from typing import Any, cast

from django import forms
from django.utils.translation import gettext, gettext_noop

from dashboard.accounts.models import User
from dashboard.keys import access as key_access
from dashboard.keys.forms import PublicTextField
from dashboard.keys.models import ApiKey
from dashboard.tasks import api_choice, reference_media, tags
from dashboard.tasks.models import Task
from dashboard.tasks.pasted_ids import MOST_IDS, PastedId, parse_pasted
from dashboard.tasks.reference_media import SLOTS, FilesField, Slot, Upload, UrlsField
from dashboard.tasks.submission import Submission
from dashboard.upstream import values
from dashboard.upstream.apis import Api
from dashboard.upstream.volcengine_request import MediaPart, shape_of, volcengine_request
from dashboard.web.body_limit import MOST_UPLOADED

METADATA_LIMIT = 16 * 1024
METADATA_DEPTH = 32  # levels: later code serializes it recursively, from deeper in the call stack
TOO_DEEP = f"This JSON is nested too deeply: up to {METADATA_DEPTH} levels are allowed."
# By the beginning of the parser's own message.
JSON_PROBLEMS = {
    "Expecting value": gettext_noop("a value is missing"),
    "Expecting ',' delimiter": gettext_noop("a comma is missing"),
    "Expecting ':' delimiter": gettext_noop("a colon is missing"),
    "Expecting property name": gettext_noop("a name in double quotes is expected here"),
    "Illegal trailing comma": gettext_noop("there is a comma after the last entry"),
    "Unterminated string": gettext_noop("a text has no closing quote"),
    "Extra data": gettext_noop("there is something after the end of the object"),
    "Invalid control character": gettext_noop("a text contains a line break or control character"),
    "Invalid \\": gettext_noop("a text contains a backslash that isn’t part of an escape"),
}
NUL = re.compile(r"\\u0000|\x00")
NUMBERS = ("duration", "width", "height", "fps", "seed", "n")


class KeyChoice(forms.ModelChoiceField):  # type: ignore[type-arg]  # generic only in the stubs
    def label_from_instance(self, obj: object) -> str:
        key = cast(ApiKey, obj)
        return f"{key.label} (…{key.last_four})"


class TrackForm(forms.Form):
    task_ids = forms.CharField(
        max_length=100_000,
        label="Task IDs",
        widget=forms.Textarea(attrs={"rows": 1, "placeholder": "Paste task IDs or URLs", "spellcheck": "false"}),
        error_messages={"required": "Paste at least one task ID."},
    )
    key = KeyChoice(
        ApiKey.objects.none(),
        required=False,
        label="API key",
        empty_label="Auto-detect key",
        error_messages={"invalid_choice": "This key isn't yours, or it was revoked. Select another one."},
    )

    def __init__(self, user: User, data: object = None, **options: Any) -> None:
        super().__init__(data, **options)  # type: ignore[arg-type]  # a QueryDict or nothing
        self.keys = key_access.own_usable_keys(user)
        cast(KeyChoice, self.fields["key"]).queryset = self.keys

    def clean_task_ids(self) -> list[PastedId]:
        pieces = parse_pasted(self.cleaned_data["task_ids"])
        if not pieces:
            raise forms.ValidationError("Paste at least one task ID.")
        if len(pieces) > MOST_IDS:
            raise forms.ValidationError(f"That's {len(pieces)} IDs. You can track up to {MOST_IDS} at a time.")
        return pieces


class LabelForm(forms.Form):
    label = PublicTextField(
        max_length=120,
        required=False,
        label="Title",
        widget=forms.TextInput({"placeholder": "e.g. Trailer, second take", "autocomplete": "off", "dir": "auto"}),
    )


class TagsField(PublicTextField):
    """Tags separated by commas. Cleans to a list."""

    def __init__(self, **options: Any) -> None:
        placeholder = {"placeholder": "e.g. launch, client A", "autocomplete": "off", "dir": "auto"}
        defaults: dict[str, Any] = {"required": False, "label": "Tags", "max_length": 1_000}
        super().__init__(**(defaults | {"widget": forms.TextInput(placeholder)} | options))

    def clean(self, value: object) -> Any:
        try:
            return tags.parse_tags(super().clean(value))
        except tags.BadTags as error:
            raise forms.ValidationError(str(error)) from None


class TagsForm(forms.Form):
    tags = TagsField()


class TagForm(forms.Form):
    """One tag, for many tasks."""

    new_tag = TagsField(required=True, label="Tag", error_messages={"required": "Enter a tag."})

    def clean_new_tag(self) -> str:
        names: list[str] = self.cleaned_data["new_tag"]
        if len(names) != 1:
            raise forms.ValidationError("Enter one tag, without commas." if names else "Enter a tag.")
        return names[0]


def _whole(name: str, low: int, high: int, **options: Any) -> forms.IntegerField:
    words = f"Enter a whole number from {low:,} to {high:,}."
    messages = dict.fromkeys(("invalid", "min_value", "max_value"), words)
    return forms.IntegerField(
        required=False, label=name, min_value=low, max_value=high, error_messages=messages, **options
    )


class CreateForm(forms.Form):
    number = forms.UUIDField(widget=forms.HiddenInput, required=False)
    key = KeyChoice(
        ApiKey.objects.none(),
        empty_label=None,
        label="API key",
        error_messages={
            "required": "Select an API key.",
            "invalid_choice": "This key isn't yours, or it was revoked. Select another one.",
        },
    )
    model = PublicTextField(max_length=200, label="Model", error_messages={"required": "Enter a model."})
    prompt = PublicTextField(
        max_length=10_000,
        label="Prompt",
        widget=forms.Textarea(attrs={"rows": 4, "dir": "auto"}),
        error_messages={"required": "Enter a prompt."},
    )
    image_url = forms.URLField(
        required=False,
        assume_scheme="https",
        label="Image URL",
        max_length=4_000,
        error_messages={"invalid": "Enter a URL that starts with https://."},
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
            ("invalid", "min_value", "max_value"), "Enter a duration from 0.1 to 600 seconds."
        ),
    )
    width = _whole("Width", 16, 8192)
    height = _whole("Height", 16, 8192)
    fps = _whole("Frame rate (fps)", 1, 240)
    seed = _whole("Seed", 0, 2**53 - 1)
    n = _whole("Number of videos", 1, 10)
    tags = TagsField()
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
        if not self.is_bound:
            self.fields["prompt"].widget.attrs["autofocus"] = True
        keys = cast(KeyChoice, self.fields["key"])
        keys.queryset = key_access.own_usable_keys(user)
        if clone_of is not None:
            keys.initial = clone_of.key_id
        self.is_clone = clone_of is not None
        self.takes_references = api_choice.takes_references()
        for slot in SLOTS if self.takes_references else ():
            self.fields[f"{slot.name}_urls"] = UrlsField(slot)
            self.fields[f"{slot.name}_files"] = FilesField(slot)

    def references(self) -> list[tuple[forms.BoundField, forms.BoundField]]:
        """Returns the URL field and the file field of each role."""
        if not self.takes_references:
            return []
        return [(self[f"{slot.name}_urls"], self[f"{slot.name}_files"]) for slot in SLOTS]

    @property
    def has_references(self) -> bool:
        """Whether any of these fields has a value or an error."""
        return any(field.value() or field.errors for pair in self.references() for field in pair)

    @property
    def settings_text(self) -> str:
        """The settings that are not left to the model, on one line."""
        width, height, length = (self[name].value() for name in ("width", "height", "duration"))
        size = f"{width} × {height}" if width and height else ""
        duration = f"{length:g} s" if isinstance(length, float | int) else ""
        return " · ".join(str(part) for part in (self["model"].value(), size, duration) if part)

    @property
    def has_field_errors(self) -> bool:
        return any(name in self.fields for name in self.errors)

    @property
    def has_advanced(self) -> bool:
        """Whether anything is filled in, or wrong, among the advanced fields."""
        return any(self[name].value() or self[name].errors for name in ("fps", "seed", "n", "metadata"))

    def clean_image_file(self) -> Upload | None:
        file: Upload | None = self.cleaned_data["image_file"]
        return reference_media.checked_file(file, "image") if file else None

    def clean_metadata(self) -> dict[str, object]:
        text = self.cleaned_data["metadata"].strip()
        if not text:
            return {}
        try:
            value = json.loads(text, parse_constant=_no_constant, parse_float=_finite)
        except json.JSONDecodeError as error:
            raise forms.ValidationError(_json_problem(error)) from error
        except ValueError as error:
            raise forms.ValidationError(gettext("This isn’t valid JSON: %(problem)s.") % {"problem": error}) from error
        except RecursionError as error:
            raise forms.ValidationError(TOO_DEEP) from error
        if values.is_nested_deeper(value, METADATA_DEPTH):
            raise forms.ValidationError(TOO_DEEP)
        if not _is_storable(text, value):
            raise forms.ValidationError("Metadata contains a character that isn't allowed, such as NUL.")
        if not isinstance(value, dict):
            raise forms.ValidationError('Enter a JSON object, such as {"aspect_ratio": "16:9"}.')
        return value

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("image_url") and cleaned.get("image_file"):
            self.add_error("image_file", "Use either an image URL or a file, not both.")
        if self._api() is Api.VOLCENGINE:
            self._check_references()
            self._check_options()
        else:
            self._check_absence_of_references()
        return cleaned

    def _api(self) -> Api:
        key = self.cleaned_data.get("key")
        return api_choice.api_for(self.cleaned_data.get("model", ""), key.label if key else "")

    def _of_slot(self, slot: Slot) -> tuple[list[str], list[Upload]]:
        cleaned = self.cleaned_data
        return cleaned.get(f"{slot.name}_urls") or [], cleaned.get(f"{slot.name}_files") or []

    def _check_absence_of_references(self) -> None:
        for slot in SLOTS if self.takes_references else ():
            if any(self._of_slot(slot)):
                words = (
                    f"This model accepts only a first image. Other references work with {api_choice.models_and_keys()}."
                )
                self.add_error(f"{slot.name}_urls", words)

    def _check_references(self) -> None:
        counts = dict.fromkeys(reference_media.MOST, 0)
        counts["image"] = int(bool(self.cleaned_data.get("image_url") or self.cleaned_data.get("image_file")))
        size = getattr(self.cleaned_data.get("image_file"), "size", 0)
        for slot in SLOTS:
            urls, files = self._of_slot(slot)
            given = len(urls) + len(files)
            counts[slot.kind] += given
            size += sum(file.size or 0 for file in files)
            most = reference_media.MOST[slot.kind]
            if given > slot.most:
                self.add_error(f"{slot.name}_urls", f"{slot.label}: up to {slot.most}. You added {given}.")
            elif given and counts[slot.kind] > most:
                plural = reference_media.PLURALS[slot.kind]
                words = f"Up to {most} {plural} in total. You added {counts[slot.kind]}."
                self.add_error(f"{slot.name}_urls", words)
        if size > MOST_UPLOADED:
            words = f"These files total {size / 2**20:.1f} MB. The limit is {MOST_UPLOADED // 2**20} MB."
            self.add_error(None, words)

    def _check_options(self) -> None:
        cleaned = self.cleaned_data
        if (cleaned.get("n") or 1) > 1:
            self.add_error("n", "This model generates one video at a time.")
        width, height = cleaned.get("width"), cleaned.get("height")
        if bool(width) != bool(height):
            self.add_error("height" if width else "width", "Enter both the width and the height, or neither.")
        elif width and height:
            try:
                shape_of(width, height)
            except ValueError as error:
                self.add_error("width", str(error))
        taken = {"model", "content"} & {*(cleaned.get("metadata") or {})}
        if taken:
            names = " and ".join(f'"{name}"' for name in sorted(taken))
            self.add_error("metadata", f"{names} can't be set here. Use the fields above.")

    def wanted(self) -> Submission:
        """Returns the submission that a valid form asks for."""
        cleaned = self.cleaned_data
        options = {name: cleaned[name] for name in NUMBERS if cleaned[name] is not None}
        params = {"model": cleaned["model"], "prompt": cleaned["prompt"], **options}
        if cleaned["metadata"]:
            params["metadata"] = cleaned["metadata"]
        payload = dict(params)
        image = cleaned["image_url"]
        if image:
            params["image"] = image
        elif cleaned["image_file"]:
            image = reference_media.data_url(cleaned["image_file"], "image")
            params["image_file"] = str(cleaned["image_file"].name)[:200]
        if image:
            payload["image"] = image
        api = self._api()
        if api is Api.VOLCENGINE:
            payload = self._volcengine_request(image, options)
            params |= self._reference_params()
        idempotency_key = cleaned["number"] or uuid.uuid4()
        return Submission(
            idempotency_key, key=cleaned["key"], payload=payload, params=params, api=api, tags=cleaned["tags"]
        )

    def _volcengine_request(self, image: object, options: dict[str, Any]) -> dict[str, object]:
        media = [MediaPart("image", "first_frame", cast(Any, image))] if image else []
        for slot in SLOTS:
            media += reference_media.parts(slot, *self._of_slot(slot))
        options.pop("n", None)
        request = volcengine_request(self.cleaned_data["prompt"], media, options, self.cleaned_data["metadata"])
        return {"model": self.cleaned_data["model"], **request}

    def _reference_params(self) -> dict[str, object]:
        """Returns what is stored with the row: URLs and file names."""
        kept: dict[str, object] = {}
        for slot in SLOTS:
            urls, files = self._of_slot(slot)
            if urls:
                kept[f"{slot.name}_urls"] = urls
            if files:
                kept[f"{slot.name}_files"] = [str(file.name)[:200] for file in files]
        return kept


def _json_problem(error: json.JSONDecodeError) -> str:
    """What is wrong, and where, in words for people who don't read parsers' messages."""
    problem = next((words for start, words in JSON_PROBLEMS.items() if error.msg.startswith(start)), error.msg)
    return gettext("This isn’t valid JSON. Line %(line)d, column %(column)d: %(problem)s.") % {
        "line": error.lineno,
        "column": error.colno,
        "problem": gettext(problem),
    }


def _no_constant(constant: str) -> float:
    raise ValueError(f"{constant} is not allowed")


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"{text} is too large a number")
    return number


def _is_storable(text: str, value: object) -> bool:
    """Whether it can be stored: JSON escapes can spell NUL and lone surrogates, which PostgreSQL and UTF-8 reject."""
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return False
    return NUL.search(text) is None


def _initial(clone_of: Task | None) -> dict[str, Any]:
    initial: dict[str, Any] = {"number": uuid.uuid4()}
    if clone_of is None:
        return initial
    params: dict[str, Any] = clone_of.params
    initial |= {name: params.get(name) for name in ("model", "prompt", *NUMBERS)}
    initial["model"], initial["prompt"] = clone_of.model, clone_of.prompt
    if not params:
        # The task was only tracked: what the gateway reported about its video is the best guess.
        initial |= {name: getattr(clone_of, name) for name in ("duration", "width", "height", "fps", "seed")}
    initial["tags"] = ", ".join(tag.name for tag in clone_of.tags.all())
    initial["image_url"] = params.get("image", "")
    for slot in SLOTS:
        initial[f"{slot.name}_urls"] = "\n".join(params.get(f"{slot.name}_urls", []))
    if params.get("metadata"):
        initial["metadata"] = json.dumps(params["metadata"], indent=2, ensure_ascii=False)
    return initial
