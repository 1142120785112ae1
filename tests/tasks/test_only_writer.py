"""Only `tasks.writes` writes tasks; `polling.leases` writes nothing but the lease and the next poll."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from dashboard.tasks import writes
from dashboard.tasks.models import Task

DASHBOARD = Path(__file__).resolve().parents[2] / "dashboard"
NOT_CHECKED = {"demo", "migrations"}  # the demo gateway has no models; a migration may have to write
WRITER, LEASES = "tasks/writes.py", "polling/leases.py"
LEASE_FIELDS = {"lease_token", "lease_until", "next_poll_at"}

NAMES = {"save", "delete", "update", "create", "get_or_create", "update_or_create", "bulk_create", "bulk_update"}
WRITING = NAMES | {f"a{name}" for name in NAMES}
# Without keywords, these are methods of a dict or a hash.
KEYWORDS_ONLY = {"update", "create", "get_or_create", "update_or_create"}
WRITING_SQL = re.compile(r"\b(UPDATE|INSERT INTO|DELETE FROM|MERGE INTO|TRUNCATE)\s")
MODEL = re.compile(r"[A-Z]\w+$")
Scope = ast.Module | ast.FunctionDef | ast.AsyncFunctionDef


def modules() -> Iterator[tuple[str, ast.Module]]:
    for path in sorted(DASHBOARD.rglob("*.py")):
        name = path.relative_to(DASHBOARD).as_posix()
        if name.partition("/")[0] not in NOT_CHECKED:
            yield name, ast.parse(path.read_text())


def writes_in(tree: ast.Module) -> Iterator[ast.Call]:
    """Yields calls that write rows of a task, or of something that can't be distinguished from one."""
    for scope in ast.walk(tree):
        if isinstance(scope, Scope):
            for call in own_nodes(scope):
                if isinstance(call, ast.Call) and is_write(call, tree) and not is_of_another_model(call, scope, tree):
                    yield call


def own_nodes(scope: Scope) -> Iterator[ast.AST]:
    """Yields the nodes of this scope, without those of nested functions."""
    waiting: list[ast.AST] = [*scope.body]
    while waiting:
        node = waiting.pop()
        if not isinstance(node, Scope):
            yield node
            waiting += ast.iter_child_nodes(node)


def is_write(call: ast.Call, tree: ast.Module) -> bool:
    if not isinstance(call.func, ast.Attribute) or call.func.attr not in WRITING:
        return False
    is_of_a_dict = call.args and not call.keywords and call.func.attr.removeprefix("a") in KEYWORDS_ONLY
    is_of_a_module = isinstance(call.func.value, ast.Name) and call.func.value.id in imported_modules(tree)
    return not is_of_a_dict and not is_of_a_module


def imported_modules(tree: ast.Module) -> set[str]:
    imports = (node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom))
    return {name.asname or name.name for node in imports for name in node.names if name.name.islower()}


def is_of_another_model(call: ast.Call, scope: Scope, tree: ast.Module) -> bool:
    assert isinstance(call.func, ast.Attribute)
    names = chain(call.func.value)
    return not {"task", "tasks"} & {*names[1:]} and model_of(names[0], scope, tree) not in {"", "Task", "TaskQuerySet"}


def chain(node: ast.expr) -> list[str]:
    """Returns the names along `a.b(...).c[...]`, starting with the root; "" for a root without a name."""
    match node:
        case ast.Attribute(value=value, attr=attr):
            return [*chain(value), attr]
        case ast.Call(func=inner) | ast.Await(value=inner) | ast.Subscript(value=inner):
            return chain(inner)
        case ast.Name(id=name):
            return [name]
    return [""]


def model_of(name: str, scope: Scope, tree: ast.Module) -> str:
    """Returns the class that a name is, was created from in this scope, or returns; "" if that is unknown."""
    if MODEL.match(name) or name == "super":
        return name
    found = set[str]()
    for node in [*ast.walk(scope), *tree.body]:
        match node:
            case ast.arg(arg=arg, annotation=ast.expr() as kind) if arg == name:
                found.add(class_in(kind))
            case ast.FunctionDef(name=function, returns=ast.expr() as kind) if function == name:
                found.add(class_in(kind))
            case ast.Assign(targets=[ast.Name(id=target)], value=value) if target == name and chain(value)[0] != name:
                first, *others = chain(value)
                found.add("" if {"task", "tasks"} & {*others} else model_of(first, scope, tree))
    return found.pop() if len(found) == 1 else ""


def class_in(annotation: ast.expr) -> str:
    """Returns `User` for "QuerySet[User]"."""
    *_, last = "", *re.findall(r"[A-Z]\w+", ast.unparse(annotation))
    return str(last)


def sql_in(tree: ast.Module) -> list[str]:
    texts = (node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str))
    docs = {ast.get_docstring(node, clean=False) for node in ast.walk(tree) if isinstance(node, Scope | ast.ClassDef)}
    return [text for text in texts if WRITING_SQL.search(text) and text not in docs]


def test_no_other_module_writes_tasks() -> None:
    others = {name: tree for name, tree in modules() if name not in {WRITER, LEASES}}
    assert "archive/store.py" in others
    assert [f"{name}:{call.lineno} {ast.unparse(call)}" for name in others for call in writes_in(others[name])] == []
    assert {name: sql_in(tree) for name, tree in others.items() if sql_in(tree)} == {}


def test_leases_write_the_lease_and_the_next_poll_alone() -> None:
    tree = dict(modules())[LEASES]
    calls = [*writes_in(tree)]
    assert calls
    assert {call.func.attr for call in calls if isinstance(call.func, ast.Attribute)} == {"update"}
    assert {keyword.arg for call in calls for keyword in call.keywords} == LEASE_FIELDS
    assert sql_in(tree) == []


@pytest.mark.parametrize(
    "planted",
    [
        "Task.objects.filter(pk=1).update(label='x')",
        "rows = Task.objects.due(now)\nrows.update(label='x')",
        "def f(rows: TaskQuerySet): rows.exclude(pk=1).delete()",
        "def f(task: 'Task'): task.save(update_fields=['label'])",
        "def f(one): one.save()",
        "def f(user: User): user.tasks.filter(pk=1).update(label='x')",
        "def f(copy: Video): copy.task.save()",
        "def f(user: User):\n    theirs = user.tasks.all()\n    theirs.delete()",
        "async def f(rows: TaskQuerySet): await rows.aupdate(label='x')",
        "Task.objects.bulk_create(made)",
        "Task(owner=owner).save()",
        "type(found).objects.bulk_update(found, ['label'])",
    ],
)
def test_a_planted_write_is_found(planted: str) -> None:
    assert [*writes_in(ast.parse(planted))]


@pytest.mark.parametrize("planted", ["cursor.execute('UPDATE task SET label = 1')", "sql = f'DELETE FROM {table}'"])
def test_planted_sql_is_found(planted: str) -> None:
    assert sql_in(ast.parse(planted))


@pytest.mark.parametrize(
    "harmless",
    ["digest.update(piece)", "Video.objects.filter(pk=1).update(size=1)", "def f(key: ApiKey): key.save()"],
)
def test_other_writes_are_nobodys_business(harmless: str) -> None:
    assert not [*writes_in(ast.parse(harmless))]


@pytest.mark.parametrize("field", ["status", "condition", "label", "progress", "version"])
def test_what_readers_see_needs_an_event(field: str) -> None:
    with pytest.raises(ValueError, match=f"Needs an event: {field}"):
        writes.set_fields(Task.objects.none(), **{field: "x"})
