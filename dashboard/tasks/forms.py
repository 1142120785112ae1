"""Task forms: track by ID, create a video, set the title and tags of a task."""

import json
import math
import re
import uuid
from typing import TYPE_CHECKING, Any, cast

from django import forms
from django.utils.functional import lazystr
from django.utils.translation import gettext, gettext_noop, ngettext
from django.utils.translation import gettext_lazy as _

from dashboard.accounts.models import User
from dashboard.keys import access as key_access
from dashboard.keys.forms import PublicTextField
from dashboard.keys.models import ApiKey
from dashboard.tasks import api_choice, reference_media, row_words, tags
from dashboard.tasks.models import Task
from dashboard.tasks.pasted_ids import MOST_IDS, PastedId, parse_pasted
from dashboard.tasks.reference_media import SLOTS, FilesField, Slot, Upload, UrlsField
from dashboard.tasks.submission import Submission
from dashboard.templatetags.display import number
from dashboard.upstream import values
from dashboard.upstream.apis import Api
from dashboard.upstream.volcengine_request import MediaPart, shape_of, volcengine_request
from dashboard.web.body_limit import MOST_UPLOADED

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

METADATA_LIMIT = 16 * 1024
METADATA_DEPTH = 32  # levels: later code serializes it recursively, from deeper in the call stack
TOO_DEEP = gettext_noop("This JSON is nested too deeply: up to %(levels)s levels are allowed.")
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
    "Invalid \\": gettext_noop("a text contains a backslash that isn't part of an escape"),
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
        label=_("Task IDs"),
        widget=forms.Textarea(attrs={"rows": 1, "placeholder": _("Paste task IDs or URLs"), "spellcheck": "false"}),
        error_messages={"required": _("Paste at least one task ID.")},
    )
    key = KeyChoice(
        ApiKey.objects.none(),
        required=False,
        label=_("API key"),
        empty_label=_("Auto-detect key"),
        error_messages={"invalid_choice": _("This key isn't yours, or it was revoked. Select another one.")},
    )

    def __init__(self, user: User, data: object = None, **options: Any) -> None:
        super().__init__(data, **options)  # type: ignore[arg-type]  # a QueryDict or nothing
        self.keys = key_access.own_usable_keys(user)
        cast(KeyChoice, self.fields["key"]).queryset = self.keys

    def clean_task_ids(self) -> list[PastedId]:
        pieces = parse_pasted(self.cleaned_data["task_ids"])
        if not pieces:
            raise forms.ValidationError(gettext("Paste at least one task ID."))
        if len(pieces) > MOST_IDS:
            text = ngettext(
                "That's %(count)s ID. You can track up to %(most)s at a time.",
                "That's %(count)s IDs. You can track up to %(most)s at a time.",
                len(pieces),
            )
            raise forms.ValidationError(text % {"count": len(pieces), "most": MOST_IDS})
        return pieces


class LabelForm(forms.Form):
    label = PublicTextField(
        max_length=120,
        required=False,
        label=_("Title"),
        widget=forms.TextInput({"placeholder": _("e.g. Trailer, second take"), "autocomplete": "off", "dir": "auto"}),
    )


class TagsField(PublicTextField):
    """Tags separated by commas. Cleans to a list."""

    def __init__(self, **options: Any) -> None:
        placeholder = {"placeholder": _("e.g. launch, client A"), "autocomplete": "off", "dir": "auto"}
        defaults: dict[str, Any] = {"required": False, "label": _("Tags"), "max_length": 1_000}
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

    new_tag = TagsField(required=True, label=_("Tag"), error_messages={"required": _("Enter a tag.")})

    def clean_new_tag(self) -> str:
        names: list[str] = self.cleaned_data["new_tag"]
        if len(names) != 1:
            raise forms.ValidationError(gettext("Enter one tag, without commas.") if names else gettext("Enter a tag."))
        return names[0]


class _WholeNumber:
    """The message of a field for whole numbers, to be looked up once the language is known."""

    def __init__(self, low: int, high: int) -> None:
        self._low, self._high = low, high

    def __str__(self) -> str:
        values = {"low": number(self._low), "high": number(self._high)}
        return gettext("Enter a whole number from %(low)s to %(high)s.") % values


def _whole(name: "StrPromise", low: int, high: int, **options: Any) -> forms.IntegerField:
    messages = dict.fromkeys(("invalid", "min_value", "max_value"), lazystr(_WholeNumber(low, high)))
    return forms.IntegerField(
        required=False, label=name, min_value=low, max_value=high, error_messages=messages, **options
    )


class CreateForm(forms.Form):
    number = forms.UUIDField(widget=forms.HiddenInput, required=False)
    key = KeyChoice(
        ApiKey.objects.none(),
        empty_label=None,
        label=_("API key"),
        error_messages={
            "required": _("Select an API key."),
            "invalid_choice": _("This key isn't yours, or it was revoked. Select another one."),
        },
    )
    model = PublicTextField(max_length=200, label=_("Model"), error_messages={"required": _("Enter a model.")})
    prompt = PublicTextField(
        max_length=10_000,
        label=_("Prompt"),
        widget=forms.Textarea(attrs={"rows": 4, "dir": "auto"}),
        error_messages={"required": _("Enter a prompt.")},
    )
    image_url = forms.URLField(
        required=False,
        assume_scheme="https",
        label=_("Image URL"),
        max_length=4_000,
        error_messages={"invalid": _("Enter a URL that starts with https://.")},
    )
    image_file = forms.FileField(
        required=False,
        label=_("Image file"),
        widget=forms.FileInput(attrs={"accept": "image/png,image/jpeg,image/webp"}),
    )
    duration = forms.FloatField(
        required=False,
        label=_("Duration"),
        min_value=0.1,
        max_value=600,
        error_messages=dict.fromkeys(
            ("invalid", "min_value", "max_value"), _("Enter a duration from 0.1 to 600 seconds.")
        ),
    )
    width = _whole(_("Width"), 16, 8192)
    height = _whole(_("Height"), 16, 8192)
    fps = _whole(_("Frame rate (fps)"), 1, 240)
    seed = _whole(_("Seed"), 0, 2**53 - 1)
    n = _whole(_("Number of videos"), 1, 10)
    tags = TagsField()
    metadata = forms.CharField(
        required=False,
        max_length=METADATA_LIMIT,
        label=_("Metadata"),
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
        duration = row_words.length(length) if isinstance(length, float | int) else ""
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
            raise forms.ValidationError(gettext("This isn't valid JSON: %(problem)s.") % {"problem": error}) from error
        except RecursionError as error:
            raise forms.ValidationError(gettext(TOO_DEEP) % {"levels": METADATA_DEPTH}) from error
        if values.is_nested_deeper(value, METADATA_DEPTH):
            raise forms.ValidationError(gettext(TOO_DEEP) % {"levels": METADATA_DEPTH})
        if not _is_storable(text, value):
            raise forms.ValidationError(gettext("Metadata contains a character that isn't allowed, such as NUL."))
        if not isinstance(value, dict):
            raise forms.ValidationError(gettext('Enter a JSON object, such as {"aspect_ratio": "16:9"}.'))
        return value

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("image_url") and cleaned.get("image_file"):
            self.add_error("image_file", gettext("Use either an image URL or a file, not both."))
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
                self.add_error(f"{slot.name}_urls", api_choice.why_no_references())

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
                words = gettext("%(name)s: up to %(most)s. You added %(given)s.")
                values = {"name": gettext(slot.label), "most": slot.most, "given": given}
                self.add_error(f"{slot.name}_urls", words % values)
            elif given and counts[slot.kind] > most:
                words = gettext(reference_media.TOO_MANY[slot.kind])
                self.add_error(f"{slot.name}_urls", words % {"most": most, "given": counts[slot.kind]})
        if size > MOST_UPLOADED:
            words = gettext("These files total %(size)s MB. The limit is %(limit)s MB.")
            self.add_error(None, words % {"size": f"{size / 2**20:.1f}", "limit": MOST_UPLOADED // 2**20})

    def _check_options(self) -> None:
        cleaned = self.cleaned_data
        if (cleaned.get("n") or 1) > 1:
            self.add_error("n", gettext("This model generates one video at a time."))
        width, height = cleaned.get("width"), cleaned.get("height")
        if bool(width) != bool(height):
            words = gettext("Enter both the width and the height, or neither.")
            self.add_error("height" if width else "width", words)
        elif width and height:
            try:
                shape_of(width, height)
            except ValueError as error:
                self.add_error("width", str(error))
        taken = sorted({"model", "content"} & {*(cleaned.get("metadata") or {})})
        if len(taken) > 1:
            self.add_error("metadata", gettext('"content" and "model" can\'t be set here. Use the fields above.'))
        elif taken:
            words = gettext('"%(name)s" can\'t be set here. Use the fields above.')
            self.add_error("metadata", words % {"name": taken[0]})

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
    return gettext("This isn't valid JSON. Line %(line)d, column %(column)d: %(problem)s.") % {
        "line": error.lineno,
        "column": error.colno,
        "problem": gettext(problem),
    }


def _no_constant(constant: str) -> float:
    raise ValueError(gettext("%(constant)s is not allowed") % {"constant": constant})


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(gettext("%(number)s is too large a number") % {"number": text})
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
