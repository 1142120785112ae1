"""Views that put tasks on the board: track by ID, create from a form, or attach a missing ID."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from dashboard.keys import access as key_access
from dashboard.keys.pasted_keys import HOLDS_KEY, without_keys
from dashboard.keys.sealing import SealBroken
from dashboard.tasks import access, create_suggestions, gateway_models, submission, track_results
from dashboard.tasks import board as boards
from dashboard.tasks.forms import CreateForm, TrackForm
from dashboard.tasks.models import Task, TaskEvent
from dashboard.tasks.pasted_ids import parse_pasted
from dashboard.upstream import errors, known_failures, status_errors
from dashboard.upstream.error_texts import ErrorText, localized
from dashboard.web.request import Request, redirect_to


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def track(request: Request) -> HttpResponse:
    if request.method != "POST":
        return redirect("board")
    form = TrackForm(request.user, _without_keys(request))
    if not form.is_valid():
        return _track_answer(request, form, [], status=422)
    keys = list(form.keys)
    if not keys:
        form.add_error(None, gettext("Add an API key first: the gateway shows a task only to the key that created it."))
        return _track_answer(request, form, [], status=422)
    results = track_results.track(
        request.user,
        form.cleaned_data["task_ids"],
        keys,
        form.cleaned_data["key"],
        anyway=request.POST.get("anyway") == "on",
    )
    return _track_answer(request, _left_over(request, results), results)


def _without_keys(request: Request) -> QueryDict:
    """Returns the form data with pasted API keys removed, so that they are neither stored, sent nor shown again."""
    given = request.POST.copy()
    given["task_ids"] = without_keys(given.get("task_ids", ""), request.user)
    return given


def _left_over(request: Request, results: list[track_results.TrackResult]) -> TrackForm:
    """Returns the form with only the pieces that are not on the board yet."""
    left_over = "\n".join(line.text for line in results if line.is_kept)
    return TrackForm(request.user, initial={"task_ids": left_over, "key": request.POST.get("key", "")})


def _track_answer(
    request: Request, form: TrackForm, results: list[track_results.TrackResult], status: int = 200
) -> HttpResponse:
    context: dict[str, object] = {"track_form": form, "results": results, "has_keys": form.keys.exists()}
    pasted_text = request.POST.get("task_ids", "")
    context["held_key"] = without_keys(pasted_text, request.user) != pasted_text
    if request.htmx:
        return render(request, "tasks/_track_form.html", context, status=status)
    context |= {"cursor": TaskEvent.objects.last_cursor(), "live": True}
    context["table"] = boards.table(request.user, QueryDict())
    return render(request, "tasks/board.html", context, status=status)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def create(request: Request) -> HttpResponse:
    if request.method != "POST":
        return _create_page(request, CreateForm(request.user, clone_of=_task_to_clone(request)))
    if request.POST.get("draft") == "on":  # a prompt was pasted instead of IDs: nothing is started yet
        return _create_page(request, CreateForm(request.user, prompt=request.POST.get("prompt", "")))
    form = CreateForm(request.user, request.POST, request.FILES)
    if not form.is_valid():
        return _create_page(request, form, status=422)
    try:
        task = submission.submit(request.user, form.wanted())
    except Task.DoesNotExist:
        raise Http404("The form's number is somebody else's.") from None
    except (errors.UpstreamError, SealBroken) as error:
        _explain(form, error)
        return _create_page(request, form, status=422)
    if task.upstream_id:
        messages.success(request, gettext("Submitted. Progress appears here."))
    return _to_task(request, task)


def _explain(form: CreateForm, error: errors.UpstreamError | SealBroken) -> None:
    form.add_error("key" if isinstance(error, errors.KeyRefused | SealBroken) else None, explanation(error))


def explanation(error: errors.UpstreamError | SealBroken) -> str:
    """Says why nothing was started: in our words if they are certain, then in the gateway's."""
    is_ours = isinstance(error.message, ErrorText) or error.message == status_errors.REFUSED
    if not isinstance(error, errors.Rejected) or is_ours:
        return gettext("%(problem)s Nothing was started.") % {"problem": localized(error.message)}
    if known := known_failures.sentence("", error.message):
        text = gettext("%(sentence)s Nothing was started. The gateway says: %(words)s")
        return text % {"sentence": gettext(known), "words": error.message}
    return gettext("Nothing was started. The gateway says: %(words)s") % {"words": error.message}


def _to_task(request: Request, task: Task) -> HttpResponse:
    return redirect_to(request, reverse("task", args=[task.pk]))


def _task_to_clone(request: Request) -> Task | None:
    try:
        task_id = UUID(request.GET.get("again", ""))
    except ValueError:
        return None
    return access.task_for_viewer(request.user, task_id)


def _create_page(request: Request, form: CreateForm, status: int = 200) -> HttpResponse:
    context = {
        "form": form,
        "has_keys": key_access.own_usable_keys(request.user).exists(),
        "models": boards.recent_models(request.user),
        "recent_prompts": create_suggestions.recent_prompts(request.user),
        "history": create_suggestions.model_history(request.user, str(form["model"].value() or "")),
    }
    template = "tasks/_create_form.html" if request.htmx else "tasks/create.html"
    return render(request, template, context, status=status)


@login_required
@require_safe
def models(request: Request) -> HttpResponse:
    """The choices of the model's field: the team's models, then those that the gateway offers with the key."""
    try:
        key = key_access.own_usable_keys(request.user).filter(pk=UUID(request.GET.get("key", ""))).first()
    except ValueError:
        key = None
    offered = gateway_models.gateway_models(key) if key else []
    known = [*dict.fromkeys([*boards.recent_models(request.user), *offered])]
    return render(request, "tasks/_model_choices.html", {"models": known})


@login_required
@require_safe
def presets(request: Request) -> HttpResponse:
    """The sizes and lengths that are common for a model."""
    model = request.GET.get("model", "").replace("\x00", "").strip()[:200]
    history = create_suggestions.model_history(request.user, model)
    return render(request, "tasks/_model_presets.html", {"history": history})


@login_required
@require_POST
def attach_upstream_id(request: Request, task_id: UUID) -> HttpResponse:
    """Attaches the ID of a video whose submission had no clear response."""
    task = access.task_for_editor(request.user, task_id)
    text = request.POST.get("upstream_id", "")
    if without_keys(text, request.user) != text:
        messages.error(request, gettext(HOLDS_KEY))
        return _to_task(request, task)
    pieces = parse_pasted(text)
    if len(pieces) != 1 or pieces[0].problem:
        messages.error(request, pieces[0].problem if pieces else gettext("Enter the task ID that the gateway shows."))
        return _to_task(request, task)
    try:
        if not submission.attach_upstream_id(task, pieces[0].task_id):
            task = access.task_for_editor(request.user, task_id)  # 404 if it was deleted in the meantime
            messages.warning(request, gettext("This task already has an ID."))
    except submission.IdTaken:
        other = get_object_or_404(Task.objects.owned_by(task.owner), upstream_id=pieces[0].task_id)
        messages.warning(
            request, gettext("That ID is already tracked: this is its page. You can remove the unconfirmed task.")
        )
        return _to_task(request, other)
    return _to_task(request, task)
