"""People with browsers: a new member of the tested server, each in a browser profile of their own."""

import itertools
import json
from urllib.parse import urlsplit

import httpx
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Dialog, Locator, Page, Request, expect

from tests.support.gateway import Gateway
from tests.support.processes import PASSWORD, ServerProcess

numbers = itertools.count(1)
SOON = 10_000  # ms
# The page reports these itself, because violations in a worker and prevented violations are not always logged.
WATCH = "addEventListener('securitypolicyviolation', ({ blockedURI, violatedDirective }) => \
console.error(`policy: ${violatedDirective} ${blockedURI}`));"


class Site:
    """A running server with its own gateway. Both keep their data until the last test that shares them."""

    def __init__(self, process: ServerProcess, gateway: Gateway) -> None:
        self.process = process
        self.gateway = gateway


class Person:
    """A new member, signed in, with one key. `complaints`: everything that the browser reports about a page."""

    def __init__(self, site: Site, browser: Browser, name: str, *, is_admin: bool = False, **options: object) -> None:
        self.site = site
        self.name = f"{name}-{next(numbers)}"
        self.secret = f"sk-test-{self.name}-0000000000001111"
        self.complaints: list[str] = []
        self.streams: list[Request] = []
        self._excused: list[str] = []
        site.process.act("member", username=self.name, is_admin=is_admin)
        site.process.act("key", owner=self.name, secret=self.secret, label="Studio")
        site.gateway.add_key(self.secret, self.name)
        self.cookie: str = site.process.session(self.name)
        self.context = self._profile(browser, options)
        self.sign_in_quietly()

    def _profile(self, browser: Browser, options: dict[str, object]) -> BrowserContext:
        size = {"width": 1280, "height": 800}
        context = browser.new_context(base_url=self.site.process.url, **{"viewport": size, **options})  # type: ignore[arg-type]  # playwright's long list
        context.set_default_timeout(SOON)
        context.add_init_script(WATCH)
        context.on("console", self._hear)
        context.on("weberror", lambda thrown: self.complaints.append(f"thrown: {thrown.error}"))
        context.on("request", self._look_at)
        context.on("dialog", self._refuse)
        return context

    def _hear(self, said: ConsoleMessage) -> None:
        if said.type in ("error", "warning"):
            self.complaints.append(f"{said.text} ({said.location})")

    def _refuse(self, dialog: Dialog) -> None:
        self.complaints.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def _look_at(self, request: Request) -> None:
        address = urlsplit(request.url)
        if address.scheme in ("http", "https") and not request.url.startswith(f"{self.site.process.url}/"):
            self.complaints.append(f"asked a stranger: {request.url}")
        if address.path == "/events":
            self.streams.append(request)

    def sign_in_quietly(self) -> None:
        """Signs in without the form."""
        name, _, value = self.cookie.partition("=")
        self.context.add_cookies([{"name": name, "value": value, "url": self.site.process.url}])

    def sign_out_quietly(self) -> None:
        self.context.clear_cookies()

    def sign_in(self, page: Page) -> None:
        """Signs in through the form on the page."""
        page.locator("[name=login]").fill(self.name)
        page.locator("[name=password]").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()

    def excuse(self, *words: str) -> None:
        """Marks complaints with these words as expected."""
        self._excused += words

    def grounds(self) -> list[str]:
        """Returns the complaints that are not excused."""
        return [one for one in self.complaints if not any(words in one for words in self._excused)]

    def tab(self, path: str = "/", *, is_live: bool = True) -> Page:
        """Opens a new tab; returns once the page says that it is live."""
        page = self.context.new_page()
        page.goto(path)
        if is_live:
            expect(badge(page)).to_have_text("Live", timeout=SOON)
        return page

    def elsewhere(self) -> httpx.Client:
        """Returns a client of the same member outside the browser; the caller closes it."""
        name, _, value = self.cookie.partition("=")
        origin = self.site.process.url
        return httpx.Client(base_url=origin, cookies={name: value}, headers={"Origin": origin}, timeout=60)

    def post(self, path: str, **form: str | list[str]) -> httpx.Response:
        """Sends a form from outside the browser."""
        with self.elsewhere() as client:
            page = client.get("/keys/")
            token = page.text.partition('name="csrfmiddlewaretoken" value="')[2].partition('"')[0]
            answer = client.post(path, data={**form, "csrfmiddlewaretoken": token})
            if answer.is_redirect:
                answer = client.get(answer.headers["Location"])
            assert answer.status_code < 400, answer.text
            return answer

    def task(self, model: str = "amux", **fields: object) -> str:
        """Adds a task of this member at the gateway; returns its ID there."""
        return self.site.gateway.add_task(model, owner=self.name, **fields)

    def track(self, *task_ids: str) -> None:
        self.post("/tasks/track", task_ids="\n".join(task_ids))

    def tracked(self, model: str = "amux", **fields: object) -> str:
        """Adds a task to the board."""
        task_id = self.task(model, **fields)
        self.track(task_id)
        return task_id

    def stored(self, **fields: object) -> str:
        """Stores a task that no gateway knows, with any text in it; returns its ID in the dashboard."""
        return str(self.site.process.act("task", owner=self.name, **fields))

    def close(self) -> None:
        self.context.close()


def badge(page: Page) -> Locator:
    return page.locator("live-badge")


def row(page: Page, task_id: str) -> Locator:
    """Returns the row of the task with this ID at the gateway."""
    return page.locator(f".row[data-task-id={json.dumps(task_id)}]")
