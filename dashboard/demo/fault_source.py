"""The seam for faults: what may strike a call in the place of an honest answer. The gateway itself has none."""

from collections.abc import Sequence
from typing import Protocol

from aiohttp import web

from dashboard.demo.dialects import Json
from dashboard.demo.tasks import Task


class Fault(Protocol):
    """One fault that strikes a call."""

    @property
    def name(self) -> str: ...

    @property
    def replaces_answer(self) -> bool:
        """Whether `answer` is to be sent, else `change` is applied to the honest document."""

    @property
    def starts_task(self) -> bool:
        """Whether the task of a create call begins although its answer is replaced."""

    @property
    def reports_status(self) -> bool:
        """Whether a document that it changed counts as having reported the task's status."""

    async def answer(self, request: web.Request, document: Json) -> web.StreamResponse:
        """What is sent in the place of `document`."""

    async def change(self, document: Json, task: Task | None) -> None:
        """Changes the document, or waits."""


class FaultSource(Protocol):
    """Decides which calls are struck."""

    def take(self, call: str, task: str | None, owner: str | None) -> Fault | None:
        """The fault that strikes this call. None: answer honestly."""

    def add_option(self, text: str, task: str) -> None:
        """Puts the fault that a model's name asks for in force. Raises ValueError when there is no such fault."""

    def names(self) -> Sequence[str]:
        """The names of all there are."""


class NoFaults:
    """The honest gateway's."""

    def take(self, call: str, task: str | None, owner: str | None) -> Fault | None:
        return None

    def add_option(self, text: str, task: str) -> None:
        raise ValueError(f"There is no fault {text!r}.")

    def names(self) -> Sequence[str]:
        return ()
