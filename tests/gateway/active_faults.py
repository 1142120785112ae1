"""The active faults: the demo gateway's interface for them, and the control calls that set and remove them.

POST   /_demo/faults        sets a fault: name, call (status, create, content, file, any), task, owner, times, settings
DELETE /_demo/faults[/<n>]  removes all, or one by the number that POST returned;  GET lists the active ones
"""

import asyncio
import itertools
from collections.abc import Iterator, Mapping, Sequence

from aiohttp import web

from dashboard.demo.control import Unusable
from dashboard.demo.dialects import Json
from dashboard.demo.state import Control, State
from dashboard.demo.tasks import Task
from tests.gateway import http_faults, json_faults
from tests.gateway.faults import CALLS, Fault
from tests.gateway.lying_delivery import LyingDelivery


class ActiveFault(Fault):
    """A fault that can be applied."""

    __slots__ = ()

    @property
    def replaces_answer(self) -> bool:
        return http_faults.known(self.name)

    @property
    def starts_task(self) -> bool:
        """The setting `starts`; by default, all faults except 4xx apply after the task was started."""
        code = http_faults.http_status(self.name)
        return bool(self.settings.get("starts", code is None or not 400 <= code < 500))

    @property
    def reports_status(self) -> bool:
        return self.name == "regress"

    async def answer(self, request: web.Request, document: Json) -> web.StreamResponse:
        return await http_faults.send(request, self, document)

    async def change(self, document: Json, task: Task | None) -> None:
        """Applies `delay` (setting: seconds) or a change of the JSON; without a task, there is nothing to change."""
        if self.name == "delay":
            await asyncio.sleep(self.number_of("seconds", 5.0))
        elif task is not None:
            json_faults.apply(document, task, self)


class ActiveFaults:
    """The active faults, newest last."""

    def __init__(self) -> None:
        self._faults: list[ActiveFault] = []
        self._numbers = itertools.count(1)

    def __iter__(self) -> Iterator[ActiveFault]:
        return iter(self._faults)

    def add(self, fault: ActiveFault) -> ActiveFault:
        """Activates a fault and numbers it."""
        fault.number = next(self._numbers)
        self._faults.append(fault)
        return fault

    def remove(self, number: int | None = None) -> None:
        """Removes one fault, or all."""
        self._faults = [fault for fault in self._faults if number not in (None, fault.number)]

    def take(self, call: str, task: str | None, owner: str | None) -> ActiveFault | None:
        """Returns the newest fault for this call and decreases its count; None if there is none."""
        fault = next((one for one in reversed(self._faults) if one.hits(call, task, owner)), None)
        if fault is not None and fault.times is not None:
            fault.times -= 1
        return fault

    def add_option(self, text: str, task: str) -> None:
        fault = from_option(text, task)
        if not is_known(fault.name):
            raise ValueError(f"There is no fault {fault.name!r}.")
        self.add(fault)

    def names(self) -> Sequence[str]:
        return [*http_faults.WIRE, *json_faults.JSON_FAULTS, "delay", "http-<status>"]


def is_known(name: str) -> bool:
    return http_faults.known(name) or json_faults.known(name)


def from_option(text: str, task: str) -> ActiveFault:
    """Returns the fault of a model option: `name` or `name*times`; the prefix `content-` or `create-` sets the call."""
    name, _, times = text.partition("*")
    call = next((call for call in ("content", "create") if name.startswith(f"{call}-")), "status")
    return ActiveFault(name.removeprefix(f"{call}-"), call, task, times=int(times) if times.isdigit() else None)


def faults_of(state: State) -> ActiveFaults:
    assert isinstance(state.faults, ActiveFaults)
    return state.faults


def add_fault(state: State, rest: list[str], body: Json, request: web.Request) -> Json:
    name, call = str(body.get("name", "")), str(body.get("call", "status"))
    if not is_known(name):
        raise Unusable(f"there is no fault {name!r}; GET /_demo/options lists them")
    if call not in CALLS:
        raise Unusable(f"call is one of: {', '.join(CALLS)}")
    settings, times = body.get("settings"), body.get("times")
    made = ActiveFault(
        name,
        call,
        task=str(body["task"]) if body.get("task") else None,
        owner=str(body["owner"]) if body.get("owner") else None,
        times=None if times is None else int(str(times)),
        settings=settings if isinstance(settings, dict) else {},
    )
    return {"number": faults_of(state).add(made).number}


def list_faults(state: State, rest: list[str], body: Json, request: web.Request) -> Json:
    shown = ("number", "name", "call", "task", "owner", "times", "settings")
    return {"faults": [{name: getattr(fault, name) for name in shown} for fault in faults_of(state)]}


def lift_faults(state: State, rest: list[str], body: Json, request: web.Request) -> Json:
    faults_of(state).remove(int(rest[0]) if rest else None)
    return {}


CONTROLS: Mapping[tuple[str, str], Control] = {
    ("POST", "faults"): add_fault,
    ("GET", "faults"): list_faults,
    ("DELETE", "faults"): lift_faults,
}


def make_dishonest(state: State) -> None:
    """Adds to a gateway the faults and false data that a normal one doesn't have."""
    state.faults, state.controls, state.delivery = ActiveFaults(), CONTROLS, LyingDelivery
