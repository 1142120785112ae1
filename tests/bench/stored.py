"""Many stored tasks, and the queries of the board: `python -m tests.bench.stored --tasks 100000`.

The database is the one of DATA_DIR and DATABASE_URL. Prints JSON: the cookies of an admin and of a member, and for each
view of the board its URL and the number of its queries, with the plan of each query that reads tasks.
"""

import argparse
import json
import re
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

MEMBERS = 20  # the first is an admin
SEED = 1_000  # rows created through the models; the rest are copies of these, further back in time
SUBJECTS = ("lighthouse at dusk", "harbour in the rain", "train through snow", "fox in tall grass", "city from above")
CHINESE_SUBJECTS = (
    "黄昏的灯塔",
    "雨中的港口",
    "穿过雪原的火车",
    "草丛里的狐狸",
    "俯瞰城市的夜景",
    "水墨山水的画卷",
    "窗台上的猫",
)
CHINESE_STYLES = (
    "镜头缓慢推进，光线温暖，颗粒感像旧胶片",
    "广角镜头，电影感，４Ｋ高清，景深很浅",
    "第一人称视角，跟拍，运动模糊，色彩饱和",
    "微距特写，柔焦背景，逆光，细节丰富！",
    "航拍，俯视角度，云层翻滚，远处有群山",
)
MODELS = ("amux-fast", "amux-large", "amux-turbo")
RARE = "heliograph"  # occurs in a few prompts
RARE_CHINESE = "鹭鸶，ＡＢＣ１２３"  # likewise
RARE_MODEL = "amux-rare"
ABSENT = "zeppelin"  # occurs in none
LOOKS = {
    "page": "/",
    "page of a status": "/?status=completed",
    "page of a model": "/?model=amux-large",
    "page of a rare model": f"/?model={RARE_MODEL}",
    "search, found often": "/?q=harbour",
    "search, found rarely": f"/?q={RARE}",
    "search, found nowhere": f"/?q={ABSENT}",
    "page of a common tag": "/?tag=spring",
    "page of a rare tag": "/?tag=autumn",
    "page of what needs attention": "/?condition=attention",
    "page of a day, by several filters": "/?since=1d&status=completed&model=amux-large&tag=spring",
    "oldest first": "/?sort=oldest",
}
SEARCHES = {
    "page": "/",
    **{
        name: f"/?{urlencode(query)}"
        for name, query in {
            "one character, rare": {"q": "鹭"},
            "one character, common": {"q": "的"},
            "one character, in 5 %": {"q": "琥"},
            "one character, nowhere": {"q": "鲸"},
            "two characters, rare": {"q": "鹭鸶"},
            "two characters, common": {"q": "镜头"},
            "two characters, in 5 %": {"q": "琥珀"},
            "two characters, nowhere": {"q": "鲸鱼"},
            "two words of two, never together": {"q": "灯塔 火车"},
            "a Chinese phrase": {"q": "镜头缓慢推进"},
            "full-width letters": {"q": "ＡＢＣ１２３"},
            "Latin and Chinese in a word": {"q": "4k高"},
            "a Latin and a Chinese word": {"q": "cinematic 鹭"},
            "two Latin letters, nowhere": {"q": "zq"},
            "a Chinese tag": {"q": "春天"},
            "one owner, one character, rare": {"q": "鹭", "owner": "me"},
            "one owner, one character, common": {"q": "的", "owner": "me"},
            "one owner, two characters, rare": {"q": "鹭鸶", "owner": "me"},
            "one owner, two characters, common": {"q": "镜头", "owner": "me"},
            "one owner, two characters, nowhere": {"q": "鲸鱼", "owner": "me"},
        }.items()
    },
}


def seed(number: int) -> None:
    from django.utils import timezone

    from dashboard.accounts.models import User
    from dashboard.tasks.models import Task

    users = User.objects.bulk_create([User(username=f"m{each}", is_staff=not each) for each in range(MEMBERS)])
    now = timezone.now()
    made = []
    for each in range(number):
        status = "in_progress" if each % 50 == 0 else "failed" if each % 10 == 3 else "completed"
        ended = None if status == "in_progress" else now - timedelta(seconds=each)
        about = f"{SUBJECTS[each % len(SUBJECTS)]}, take {each}" + (f", {RARE}" if each == 501 else "")
        english = f"A {about}; slow camera, warm light, grain of an old video"
        made.append(
            Task(
                owner=users[each % MEMBERS],
                upstream_id=f"task_{each:08x}",
                prompt=chinese_prompt(each) if each % 3 else english,
                model=RARE_MODEL if each == 700 else MODELS[each % len(MODELS)],
                status=status,
                condition="unreachable" if each % 500 == 0 else "",
                created_at=now - timedelta(seconds=each * 7),
                finished_at=ended,
                raw=f'{{"status": "{status}"}}',
            )
        )
    Task.objects.bulk_create(made)


def chinese_prompt(each: int) -> str:
    styles = (CHINESE_STYLES[(each // step) % len(CHINESE_STYLES)] for step in (1, 7))
    rare = (f"，{RARE_CHINESE}" if each == 500 else "") + ("，琥珀色" if each % 21 == 5 else "")
    subject = CHINESE_SUBJECTS[each % len(CHINESE_SUBJECTS)]
    return f"{subject}，{'，'.join(styles)}{rare}。cinematic, ultra detailed, 35mm, take {each}"


def multiply(times: int) -> None:
    """Multiplies each task by that number, in one statement."""
    from django.db import connection, models

    from dashboard.tasks.models import Task

    lite = connection.vendor == "sqlite"
    fresh = "lower(hex(randomblob(16)))" if lite else "gen_random_uuid()"
    earlier = "strftime('%Y-%m-%d %H:%M:%f000', created_at, -(n * 7000) || ' seconds')"
    changed = {
        "id": fresh,
        "upstream_id": "upstream_id || '-' || n",
        "created_at": earlier if lite else "created_at - n * interval '7000 seconds'",
        "prompt": f"replace(replace(prompt, '{RARE}', ''), '{RARE_CHINESE}', '') || ' ' || n",
    }
    columns = [str(field.column) for field in Task._meta.concrete_fields if isinstance(field, models.Field)]
    chosen = ", ".join(changed.get(column, f'"{column}"') for column in columns)
    numbers = f"WITH RECURSIVE many(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM many WHERE n < {times - 1})"
    named = ", ".join(f'"{column}"' for column in columns)
    statement = f"INSERT INTO task ({named}) {numbers} SELECT {chosen} FROM task, many"
    with connection.cursor() as cursor:
        if lite:
            cursor.execute("PRAGMA cache_size = -500000")  # kB; IDs are random, so writes are spread over every index
        if times > 1:
            cursor.execute(statement)
        cursor.execute(
            "INSERT INTO video (id, task_id, position, url, created_at, content_type, content_etag, copy_state, "
            "file_sha256, file_type, file_etag, tries, error) "
            "SELECT id, id, 1, '', created_at, '', '', 'kept', '', '', '', 0, '' FROM task WHERE status = 'completed'"
        )
        cursor.execute(
            "INSERT INTO task_tag (task_id, name) SELECT id, 'spring' FROM task "
            "WHERE prompt LIKE '%%city%%' OR prompt LIKE '%%夜景%%'"
        )
        cursor.execute(
            "INSERT INTO task_tag (task_id, name) SELECT id, 'autumn' FROM task WHERE model = %s", [RARE_MODEL]
        )
        cursor.execute(
            "INSERT INTO task_tag (task_id, name) SELECT id, '春天' FROM task WHERE model = %s", [RARE_MODEL]
        )
        # Autovacuum would do this on PostgreSQL within a minute or so.
        cursor.execute("SELECT 1" if lite else "VACUUM ANALYZE task, task_text, task_tag, video")


def looks(client: Any, addresses: dict[str, str]) -> dict[str, Any]:
    """Returns for each view its URL, the number of queries, and the plans."""
    page = client.get("/").content.decode()
    older = re.search(r'href="(/\?after=[^"]+)"', page)
    addresses = addresses | ({"page further down": older[1]} if older and addresses is LOOKS else {})
    found = {}
    for name, address in addresses.items():
        for kind, headers in (("", {}), (" as a fragment", {"HTTP_HX_REQUEST": "true"})):
            if kind and name != "page":
                continue
            found[name + kind] = {"address": address, "fragment": bool(kind), **asked(client, address, headers)}
    return found


def asked(client: Any, address: str, headers: dict[str, str]) -> dict[str, Any]:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as queries:
        answer = client.get(address, **headers)
    assert answer.status_code == 200, answer
    statements = [query["sql"] for query in queries]
    about = [one for one in statements if re.match(r"SELECT", one) and re.search(r'FROM "task', one)]
    return {"queries": len(statements), "plans": [(shortened(one), plan(one)) for one in about]}


def shortened(statement: str) -> str:
    """Returns the statement without the list of columns."""
    chosen = re.sub(r"SELECT .*? FROM ", "SELECT ... FROM ", statement, count=1)
    return re.sub(r"LEFT OUTER JOIN .*? WHERE|INNER JOIN .*? (?=WHERE|ORDER)", "... WHERE", chosen).replace('"', "")[
        :200
    ]


def plan(statement: str) -> list[str]:
    """Returns the lines that show how tables are read, and any sort that needs all rows."""
    from django.db import connection

    lite = connection.vendor == "sqlite"
    with connection.cursor() as cursor:
        cursor.execute(("EXPLAIN QUERY PLAN " if lite else "EXPLAIN (COSTS OFF) ") + statement)
        lines = [str(line[-1]).strip(" ->") for line in cursor.fetchall()]
    wanted = r"SCAN|SEARCH|TEMP B-TREE" if lite else r"Scan|Sort$"
    return [line for line in lines if re.search(wanted, line)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tasks", type=int, default=100_000)
    parser.add_argument("--searches", action="store_true", help="look at SEARCHES, instead of LOOKS")
    given = parser.parse_args()
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command
    from django.test import Client

    from tests.support import db_agent

    call_command("migrate", verbosity=0)
    seed(min(SEED, given.tasks))
    multiply(max(1, given.tasks // SEED))
    name, _, value = db_agent.session("m0").partition("=")
    client = Client(headers={"host": "localhost"})
    client.cookies[name] = value
    assert name == settings.SESSION_COOKIE_NAME
    found = {
        "admin": f"{name}={value}",
        "member": db_agent.session("m1"),
        "looks": looks(client, SEARCHES if given.searches else LOOKS),
    }
    print(json.dumps(found))


if __name__ == "__main__":
    main()
