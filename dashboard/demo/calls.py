"""The API's three calls (create, status, content), and the second port's only call (file)."""

import asyncio
import json
from collections.abc import Callable, Mapping

from aiohttp import web

from dashboard.demo import (
    catalog,
    create_request,
    dialects,
    error_responses,
    identifiers,
    options,
    web_answers,
)
from dashboard.demo.error_responses import ErrorResponse
from dashboard.demo.fault_source import Fault
from dashboard.demo.request_log import Entry
from dashboard.demo.state import State
from dashboard.demo.tasks import COMPLETED, FAILED, Task

ReadOrder = Callable[[bytes], Mapping[str, object]]


def refuse(error: ErrorResponse) -> web.Response:
    """Turns an error into a response."""
    status, body = error
    return web.json_response(body, status=status)


def check_key(request: web.Request, entry: Entry) -> ErrorResponse | None:
    """Returns why the key is refused, or None."""
    if entry.owner is not None:
        return None
    return error_responses.wrong_key() if "Authorization" in request.headers else error_responses.no_key()


def find(state: State, request: web.Request, entry: Entry) -> Task | ErrorResponse:
    """Returns the task that the entry names, or an error if the key may not see it."""
    key_error = check_key(request, entry)
    if key_error is not None:
        return key_error
    task_id = entry.task or ""
    task = state.tasks.get(task_id)
    if task is None:
        return error_responses.unknown_task(identifiers.guess(task_id))
    if task.owner != entry.owner:
        return error_responses.not_yours()
    if task.model.dialect in dialects.VIDEOS_ONLY and not entry.path.startswith("/v1/videos"):
        return error_responses.unknown_task(task.model.dialect)
    return task


def next_fault(state: State, entry: Entry) -> Fault | None:
    """Returns the fault that hits this call, and records it in the request log."""
    fault = state.faults.take(entry.call, entry.task, entry.owner)
    entry.fault = fault.name if fault else None
    return fault


async def status(state: State, request: web.Request, entry: Entry) -> web.StreamResponse:
    """GET of a task."""
    fault = next_fault(state, entry)
    found = find(state, request, entry)
    task = found if isinstance(found, Task) else None
    videos_path = entry.path.startswith("/v1/videos")
    document = dialects.tell(state.view(task), videos_path=videos_path) if task else {}
    if fault is not None and fault.replaces_answer:
        return await fault.answer(request, document)
    if not isinstance(found, Task):
        return refuse(found)
    return await task_response(state, found, document, fault)


async def task_response(state: State, task: Task, document: dialects.Json, fault: Fault | None) -> web.Response:
    """Responds with the document, changed by the fault if there is one."""
    if fault is not None:
        await fault.change(document, task)
    if fault is None or fault.reports_status:
        task.has_reported_end = task.has_reported_end or task.status(state.clock.wall()) in (COMPLETED, FAILED)
    return web.json_response(document)


async def create(state: State, request: web.Request, entry: Entry) -> web.StreamResponse:
    """POST of a new task."""
    return await _create(state, request, entry, create_request.read)


async def create_from_content(state: State, request: web.Request, entry: Entry) -> web.StreamResponse:
    """POST of a new content generation task."""
    return await _create(state, request, entry, create_request.read_content)


async def _create(state: State, request: web.Request, entry: Entry, read: ReadOrder) -> web.StreamResponse:
    """A fault may hit the call before or after the task is created."""
    fault = next_fault(state, entry)
    if fault is not None and fault.replaces_answer and not fault.starts_task:
        return await fault.answer(request, {})
    made = submit(state, request, entry, read, await request.read())
    if not isinstance(made, Task):
        return refuse(made)
    entry.task = made.id
    document = dialects.tell_created(state.view(made))
    fault = fault or next_fault(state, entry)  # one that the model name asked for
    if fault is not None and fault.replaces_answer:
        return await fault.answer(request, document)
    if fault is not None:
        await fault.change(document, made)
    return web.json_response(document)


def submit(state: State, request: web.Request, entry: Entry, read: ReadOrder, body: bytes) -> Task | ErrorResponse:
    """Checks the request and creates the task."""
    key_error = check_key(request, entry)
    if key_error is not None:
        return key_error
    try:
        asked = read(body)
        model = options.parse(str(asked["model"]))
        return state.submit(str(entry.owner), model, asked)
    except create_request.Refused as error:
        return error_responses.bad_request(str(error))
    except (ValueError, LookupError) as error:
        return error_responses.bad_request(str(error), "model_not_found")


async def broken_off(state: State, request: web.Request, entry: Entry) -> web.StreamResponse | None:
    """Applies the fault that hits a call for bytes. Returns its response, or None to continue with the call."""
    fault = next_fault(state, entry)
    if fault is not None and fault.replaces_answer:
        return await fault.answer(request, {})
    if fault is not None:
        await fault.change({}, None)
    return None


async def content(state: State, request: web.Request, entry: Entry) -> web.StreamResponse:
    """GET or HEAD of a task's video."""
    broken = await broken_off(state, request, entry)
    if broken is not None:
        return broken
    found = find(state, request, entry)
    if not isinstance(found, Task):
        return refuse(found)
    now = state.clock.wall()
    done_at = found.entered(now, COMPLETED)
    if done_at is None or found.status(now) != COMPLETED:
        return refuse(error_responses.not_ready(found.status(now)))
    instead = instead_of_video(state, found, now - done_at)
    if instead is not None:
        return instead
    if "wait" in found.model.options:
        await asyncio.sleep(found.model.number("wait", 20.0))
    path = catalog.video_path(state.videos, found.video)
    return await state.delivery(request, path, found.model.options, entry).deliver()


def instead_of_video(state: State, task: Task, age: float) -> web.Response | None:
    """Returns what /content responds if the options replace the video; `age` is in seconds since completion."""
    model = task.model
    answers: dict[str, Callable[[], web.Response]] = {
        "gone": lambda: refuse(error_responses.gone(int(model.number("gone", 410)))),
        "redirect": lambda: web.Response(status=302, headers={"Location": state.signed_url(task)}),
        "jsonurl": lambda: web.json_response({"url": state.signed_url(task), "format": "mp4"}),
    }
    if "warming" in model.options and age < model.number("warming", 8.0):
        return web_answers.answer(web_answers.BAD_GATEWAY, 502, "text/html")
    return next((make() for word, make in answers.items() if word in model.options), None)


async def file(state: State, request: web.Request, entry: Entry, video: str) -> web.StreamResponse:
    """GET or HEAD of a signed URL. Responds like an object store."""
    broken = await broken_off(state, request, entry)
    if broken is not None:
        return broken
    path, query = entry.path, request.query
    try:
        valid = state.signer.holds(path, query["expires"], query["sig"], state.clock.wall())
        source = catalog.video_path(state.videos, video)
    except (KeyError, ValueError):
        valid = False
    except LookupError:
        return web_answers.answer("<Error><Code>NoSuchKey</Code></Error>", 404, "application/xml")
    if not valid:
        said = "<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>"
        return web_answers.answer(said, 403, "application/xml")
    return await state.delivery(request, source, {}, entry).deliver()


async def models(_: State, request: web.Request, entry: Entry) -> web.StreamResponse:
    """GET of the models that the key may use: every dialect is one."""
    key_error = check_key(request, entry)
    if key_error is not None:
        return refuse(key_error)
    listed = [{"id": name, "object": "model", "owned_by": "demo"} for name in dialects.WRITERS]
    return web_answers.answer(json.dumps({"object": "list", "data": listed}), 200)


def page(request: web.Request) -> web.Response:
    """Responds to any other path: with an error under /v1/, and with the web app's index page (200) elsewhere."""
    if request.path.startswith("/v1/"):
        body = error_responses.envelope(f"Invalid URL ({request.method} {request.path})", "unknown_url")
        return web_answers.answer(json.dumps(body), 404)
    return web_answers.answer(web_answers.INDEX_PAGE, 200, "text/html; charset=utf-8")
