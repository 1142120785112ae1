"""The guards are marked in the current code; `make soak` removes each of them and checks that a test fails."""

import ast
from collections import Counter

import pytest

from tests.faults import edits
from tests.faults.edits import CannotEdit, Edit, MarkedCode
from tests.faults.guards import GUARDS, ROOT, Guard, all_markers, markers, statement_at, without


def test_every_marker_has_one_guard_and_every_guard_one_marker() -> None:
    marked = Counter(name for name, _, _ in all_markers(ROOT))
    assert marked == Counter(name for guard in GUARDS for name in guard.edits)
    assert set(marked.values()) == {1}


@pytest.mark.parametrize("guard", GUARDS, ids=lambda guard: guard.name)
def test_a_guard_can_be_taken_away(guard: Guard) -> None:
    changed = without(guard, ROOT)
    for file, text in changed.items():
        compile(text, file, "exec")
        assert ast.dump(ast.parse(text)) != ast.dump(ast.parse(file.read_text()))
    assert changed


@pytest.mark.parametrize("guard", GUARDS, ids=lambda guard: guard.name)
def test_the_tests_of_a_guard_are_there(guard: Guard) -> None:
    assert guard.tests
    assert [test for test in guard.tests if not (ROOT / test).is_file()] == []


def edited(edit: Edit, text: str) -> str:
    tree = ast.parse(text)
    ((_, line),) = markers(text)
    edit(MarkedCode(tree, statement_at(tree, line), line))
    return ast.unparse(ast.fix_missing_locations(tree))


@pytest.mark.parametrize(
    ("edit", "text", "expected"),
    [
        (edits.never, "if a:  # guard: x\n    if b:\n        c", "if False:\n    if b:\n        c"),
        (edits.always, "if a:\n    # guard: x\n    if b:\n        c", "if a:\n    if True:\n        c"),
        (edits.never, "if a:\n    b\nelif c:  # guard: x\n    d", "if a:\n    b\nelif False:\n    d"),
        (edits.drop_statement, "if a:\n    b()  # guard: x", "if a:\n    pass"),
        (edits.return_true, "def f():\n    return a  # guard: x", "def f():\n    return True"),
        (edits.first_branch, "a = b if c else d  # guard: x", "a = b"),
        (edits.drop_operand(1), "if a or b:  # guard: x\n    c and d", "if a:\n    c and d"),
        (edits.unfiltered, "a = b.filter(c, d=1)  # guard: x", "a = b.all()"),
        (edits.drop_keyword(1), "a(b, c=1, d=2)  # guard: x", "a(b, c=1)"),
        (edits.keyword_is_none(0), "a(\n    b=1,\n    c=2,  # guard: x\n)", "a(b=1, c=None)"),
        (edits.drop_entry(0), "a = {b: 1, c: 2}  # guard: x", "a = {c: 2}"),
        (edits.entry_like_the_one_before, "a = {\n    b: 1,\n    c: 2,  # guard: x\n}", "a = {b: 1, c: 1}"),
        (edits.drop_item, "a = [\n    b,\n    # guard: x\n    c,\n]", "a = [b]"),
        (edits.last_sql_condition_holds, "a = 'b = %s AND c = %s'  # guard: x", "a = 'b = %s AND %s IS NOT NULL'"),
    ],
)
def test_an_edit_changes_what_is_marked_and_nothing_else(edit: Edit, text: str, expected: str) -> None:
    assert edited(edit, text) == expected


@pytest.mark.parametrize(
    "edit",
    [
        edits.never,
        edits.return_true,
        edits.first_branch,
        edits.drop_operand(1),
        edits.unfiltered,
        edits.drop_keyword(0),
        edits.keyword_is_none(0),
        edits.drop_entry(0),
        edits.entry_like_the_one_before,
        edits.drop_item,
        edits.last_sql_condition_holds,
    ],
)
def test_an_edit_says_when_the_code_has_another_shape(edit: Edit) -> None:
    with pytest.raises(CannotEdit):
        edited(edit, "a = 1  # guard: x")
