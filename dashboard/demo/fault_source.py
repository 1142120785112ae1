"""The interface for faults, which replace or change the response to a call. The gateway itself has none."""

from collections.abc import Sequence
from typing import Protocol

from aiohttp import web

from dashboard.demo.dialects import Json
from dashboard.demo.tasks import Task


class Fault(Protocol):
    """One fault that hits a call."""

    @property
    def name(self) -> str: ...

    @property
    def replaces_answer(self) -> bool:
        """Whether `answer` is sent; otherwise `change` is applied to the regular document."""

    @property
    def starts_task(self) -> bool:
        """Whether a create call still creates the task when its response is replaced."""

    @property
    def reports_status(self) -> bool:
        """Whether a document that the fault changed counts as having reported the task's status."""

    async def answer(self, request: web.Request, document: Json) -> web.StreamResponse:
        """Sends a response in place of `document`."""

    async def change(self, document: Json, task: Task | None) -> None:
        """Changes the document, or waits."""


class FaultSource(Protocol):
    """Decides which calls are hit."""

    def take(self, call: str, task: str | None, owner: str | None) -> Fault | None:
        """Returns the fault that hits this call, or None for a regular response."""

    def add_option(self, text: str, task: str) -> None:
        """Activates the fault that a model name asks for. Raises ValueError if there is no such fault."""

    def names(self) -> Sequence[str]:
        """Returns the names of all faults."""


class NoFaults:
    """The source of a gateway without faults."""

    def take(self, call: str, task: str | None, owner: str | None) -> Fault | None:
        return None

    def add_option(self, text: str, task: str) -> None:
        raise ValueError(f"There is no fault {text!r}.")

    def names(self) -> Sequence[str]:
        return ()
