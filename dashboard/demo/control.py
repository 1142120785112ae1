"""The control endpoints, for tests, benchmarks and the setup of the demo. They accept and return JSON and need no key.

POST   /_demo/tasks         create a task. All optional: id, owner ("demo"), model ("amux"), options (a list, added to
                            the model's), prompt, video, queued_for, running_for (seconds, never scaled), outcome
                            (completed or failed), status (the current one, with nothing planned), error {code,
                            message}, asked (the parameters of a create call). Returns {"id", "model", "video", ...}
POST   /_demo/tasks/<id>    change a task from now on: status or outcome (one of the four), options (a list, replaces
                            the old ones), owner, error, video
DELETE /_demo/tasks/<id>    delete a task: it is unknown from now on
GET    /_demo/tasks         {"tasks": [{id, owner, model, video, prompt, status, url, steps: [{status, at}] so far}]}
POST   /_demo/keys          {"secret", "owner"} adds a key;  DELETE with {"secret"} removes it
GET    /_demo/log           {"entries", "totals"}; ?since=<number of the last one seen>, ?task=<id>. `sent` counts body
                            bytes of streamed responses, `authorised` is whether there was an Authorization header
GET    /_demo/connections   video responses that are being sent right now
POST   /_demo/clock         {"advance": seconds}: move the clock forward
GET    /_demo/options       the available dialects, options and faults
"""

import json
from urllib.parse import unquote

from aiohttp import web

from dashboard.demo import catalog, options, tasks
from dashboard.demo.dialects import Json
from dashboard.demo.state import Control, State, failure_of
from dashboard.demo.tasks import Failure, Step, Task


class Unusable(Exception):
    """The control call is invalid; the message says why. The response is a 400."""


async def handle(state: State, request: web.Request, rest: list[str]) -> web.Response:
    """Responds to a call whose path after /_demo/ is `rest`."""
    handler = {**HANDLERS, **state.controls}.get((request.method, rest[0] if rest else ""))
    if handler is None:
        return web.json_response({"error": "no such control call"}, status=404)
    try:
        return web.json_response(handler(state, rest[1:], await body_of(request), request))
    except (Unusable, ValueError, LookupError) as error:
        return web.json_response({"error": str(error)}, status=400)


async def body_of(request: web.Request) -> Json:
    """Returns the call's JSON object, or {} without a body."""
    text = await request.read()
    body: object = json.loads(text) if text else {}
    if not isinstance(body, dict):
        raise Unusable("the body must be a JSON object")
    return body


def seconds(body: Json, name: str, default: float) -> float:
    """Returns a duration from the body."""
    value = body.get(name)
    return default if value is None else float(str(value))


def words(body: Json) -> list[str]:
    """Returns the body's options."""
    found = body.get("options")
    if not isinstance(found, list | None):
        raise Unusable("options must be a list of texts")
    return [str(word) for word in found or []]


def model_of(body: Json) -> options.Model:
    """Returns the model that the body names, with the body's options added."""
    return options.parse("+".join([str(body.get("model") or "amux"), *words(body)]))


def failure_from(body: Json, model: options.Model) -> Failure:
    """Returns the error that the body gives, or else the model's."""
    error = body.get("error")
    if not isinstance(error, dict):
        return failure_of(model)
    code = str(error.get("code", "50001"))
    return Failure(int(code) if code.isdigit() else 50001, code, str(error.get("message", "")))


def steps_from(state: State, body: Json, model: options.Model) -> list[Step]:
    """Returns the steps that the body asks for."""
    now = state.clock.wall()
    queued, running = tasks.life_span(model, state.rng, state.pace)
    queued, running = seconds(body, "queued_for", queued), seconds(body, "running_for", running)
    if "status" in body:
        return tasks.history(now, queued, min(running, 60.0), status_from(body, "status"))
    outcome = "failed" if "fail" in model.options or "error" in body else "completed"
    outcome = status_from(body, "outcome") if "outcome" in body else outcome
    return tasks.plan(now, queued, running, outcome)


def status_from(body: Json, name: str) -> str:
    """Returns one of the four statuses from the body. Raises Unusable."""
    status = str(body[name])
    if status not in tasks.STATUSES:
        raise Unusable(f"{name} is one of: {', '.join(tasks.STATUSES)}")
    return status


def add_task(state: State, rest: list[str], body: Json, request: web.Request) -> Json:
    if rest:
        return change_task(state, rest[0], body)
    model = model_of(body)
    asked = body.get("asked")
    order = {"prompt": str(body.get("prompt", "")), **(asked if isinstance(asked, dict) else {})}
    made = state.add(
        str(body.get("owner") or "demo"),
        model,
        order,
        steps_from(state, body, model),
        task_id=str(body["id"]) if "id" in body else None,
        video=str(body.get("video") or ""),
        failure=failure_from(body, model),
    )
    return describe(state, made)


def known_task(state: State, task_id: str) -> Task:
    """Returns the task. Raises LookupError if there is none."""
    if task_id not in state.tasks:
        raise LookupError(f"there is no task {task_id!r}")
    return state.tasks[task_id]


def change_task(state: State, task_id: str, body: Json) -> Json:
    task = known_task(state, task_id)
    if "options" in body:
        task.model = options.parse("+".join([task.model.dialect, *words(body)]))
    if "error" in body:
        task.failure = failure_from(body, task.model)
    task.owner = str(body.get("owner") or task.owner)
    if body.get("video"):
        task.video = catalog.video_path(state.videos, str(body["video"])).stem
    for name in ("status", "outcome"):
        if name in body:
            task.move(status_from(body, name), state.clock.wall())
    return describe(state, task)


def forget_task(state: State, rest: list[str], body: Json, request: web.Request) -> Json:
    if not rest:
        raise Unusable("name the task")
    del state.tasks[known_task(state, rest[0]).id]
    return {}


def list_tasks(state: State, rest: list[str], body: Json, request: web.Request) -> Json:
    return {"tasks": [describe(state, task) for task in state.tasks.values()]}


def describe(state: State, task: Task) -> Json:
    """Describes the actual state of a task, regardless of its dialect and faults."""
    now = state.clock.wall()
    reached = [{"status": step.status, "at": step.at} for step in task.reached(now)]
    described: Json = {"id": task.id, "owner": task.owner, "model": task.model.name, "video": task.video}
    described["prompt"] = task.prompt
    return described | {"status": task.status(now), "steps": reached, "url": state.url(task, now)}


def add_key(state: State, rest: list[str], body: Json, request: web.Request) -> Json:
    if not body.get("secret") or not body.get("owner"):
        raise Unusable("secret and owner are needed")
    state.keys[str(body["secret"])] = str(body["owner"])
    return {}


def remove_key(state: State, rest: list[str], body: Json, request: web.Request) -> Json:
    state.keys.pop(str(body.get("secret", "")), None)
    return {}


def show_log(state: State, rest: list[str], body: Json, request: web.Request) -> Json:
    task = request.query.get("task")
    entries = state.request_log.since(int(request.query.get("since", "0")), unquote(task) if task else None)
    return {"entries": entries, "totals": dict(state.request_log.totals)}


def show_connections(state: State, rest: list[str], body: Json, request: web.Request) -> Json:
    return {"open": state.request_log.connections()}


def move_clock(state: State, rest: list[str], body: Json, request: web.Request) -> Json:
    state.clock.advance(seconds(body, "advance", 0.0))
    return {"wall": state.clock.wall()}


def show_options(state: State, rest: list[str], body: Json, request: web.Request) -> Json:
    faults = sorted(state.faults.names())
    return {"dialects": list(options.DIALECTS), "options": sorted(options.WORDS), "faults": faults}


HANDLERS: dict[tuple[str, str], Control] = {
    ("POST", "tasks"): add_task,
    ("DELETE", "tasks"): forget_task,
    ("GET", "tasks"): list_tasks,
    ("POST", "keys"): add_key,
    ("DELETE", "keys"): remove_key,
    ("GET", "log"): show_log,
    ("GET", "connections"): show_connections,
    ("POST", "clock"): move_clock,
    ("GET", "options"): show_options,
}
