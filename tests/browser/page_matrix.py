"""Every page of the dashboard, filled with text that malicious or verbose people could have typed."""

import re

from tests.browser.person import Person

# Each of these would cause a complaint of a Person if a page used it as anything but text.
HOSTILE = (
    "<script>fetch('/hit')</script>",
    "<img src=/hit onerror=alert(1)>",
    '"><svg onload=alert(1)><image href=/hit>',
    "' autofocus onfocus=alert(1) x='",
    "<template><img src=/hit></template><iframe srcdoc='<img src=/hit>'></iframe>",
    "</textarea></title></style></script><img src=/hit>",
    "<div hx-get=/hit hx-trigger=load>htmx</div>",
    "<p hx-on::load=alert(1) hx-on:htmx:load=alert(1) data-hx-get=/hit data-hx-trigger=revealed>",
    "<a href=javascript:alert(1)>javascript:alert(1)</a>",
    "<video src=/hit autoplay></video><object data=/hit></object><embed src=/hit>",
    "<meta http-equiv=refresh content='0;url=/hit'><base href=//hit.invalid/>",
    "<style>@import '/hit';*{display:none}</style><link rel=stylesheet href=/hit>",
    "<form action=/hit><button autofocus>OK</button><input name=ids>",
    "<img src=/hit><live-stream src=/hit></live-stream>",
    "{{ 7|add:7 }}{% include 'base.html' %}${7*7}",
    "data: x\n\nevent: gone\ndata: hit\n\n",
    "\u2028\u2029<!--\u202e ]]>&lt;img src=/hit&gt;&#60;img src=/hit&#62;",
    "\u200f\u202eright to left \U0001f3ac e\u0301\u0301\u0301\u0301\u0301",
    "x" * 110,
)
LONG = "Donaudampfschifffahrtsgesellschaftskapitän" * 40


def hostile_tasks(person: Person) -> list[str]:
    """Creates a failed task for each line of HOSTILE, with that line in every text field; returns their IDs."""
    return [
        person.stored(
            status="failed",
            upstream_id=f"{number}" + re.sub(r"\s", "/", words)[:200],
            label=words,
            prompt=words,
            model=words,
            raw_status=words[:64],
            error_code=words[:60],
            error_message=words,
            raw=words,
        )
        for number, words in enumerate(HOSTILE)
    ]


def tasks_of_every_kind(person: Person) -> list[str]:
    """Creates tasks with long texts, in each status and with each condition."""
    words = {"prompt": LONG[:1500], "label": LONG[:120], "model": LONG[:200]}
    active = ("", "key_refused", "no_key", "not_found", "overdue", "unreachable", "misconfigured", "silent", "unclear")
    kinds = [{"status": "in_progress", "condition": condition, "progress": 40} for condition in active]
    kinds.append({"status": "failed", "error_message": LONG, "error_code": LONG[:60], "raw": LONG * 10})
    kinds.append({"status": "queued"})
    return [person.stored(upstream_id=f"{number}-{LONG[:490]}", **words, **kind) for number, kind in enumerate(kinds)]


def link_to(person: Person, number: str) -> str:
    """Returns a share link for the task."""
    answer = person.post(f"/tasks/{number}/share")
    found = re.search(r"/s/[^\"<&\s]+", answer.text)
    assert found, answer.text
    return found[0]


def addresses(person: Person, numbers: list[str]) -> list[str]:
    """Returns the paths of every page that an admin can open by its URL."""
    invited = person.post("/people/invite", note=LONG[:100]).text
    join = re.search(r"/join/[^\"<&\s]+", invited)
    assert join, invited
    tasks = [f"/tasks/{number}" for number in numbers]
    return [
        "/",
        "/?status=failed",
        "/?q=%3Cimg%20src%3D/hit%3E",
        f"/?q={LONG[:200]}",
        f"/?q={'w' * 80}",
        *tasks,
        f"{tasks[0]}/links",
        "/tasks/create",
        f"/tasks/create?again={numbers[0]}",
        link_to(person, numbers[0]),
        "/keys/",
        "/people/",
        "/removed",
        "/shared",
        "/profile",
        "/accounts/password/change/",
        join[0],
        "/nowhere",
        "/s/ended",
    ]
