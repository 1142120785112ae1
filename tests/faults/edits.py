"""Edits that remove a guard from the marked code. They depend on the shape of a statement, but not on any names."""

import ast
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeVar

Node = TypeVar("Node", bound=ast.AST)
Item = TypeVar("Item")


class CannotEdit(Exception):
    """Raised if the marked code does not have the shape that the edit requires."""


@dataclass(frozen=True, slots=True)
class MarkedCode:
    """`statement` is the innermost statement of `tree` on `line`."""

    tree: ast.Module
    statement: ast.stmt
    line: int


Edit = Callable[[MarkedCode], None]


def never(code: MarkedCode) -> None:
    """Makes the condition of the `if` always false."""
    _set_condition(code, False)


def always(code: MarkedCode) -> None:
    """Makes the condition of the `if` always true."""
    _set_condition(code, True)


def drop_statement(code: MarkedCode) -> None:
    _replace(code, code.statement, ast.Pass())


def return_true(code: MarkedCode) -> None:
    if not isinstance(code.statement, ast.Return):
        raise CannotEdit("this is no `return`")
    code.statement.value = ast.Constant(True)


def first_branch(code: MarkedCode) -> None:
    """Turns `a if b else c` into `a`."""
    choice = _outermost(code, ast.IfExp)
    _replace(code, choice, choice.body)


def drop_operand(number: int) -> Edit:
    """Removes one operand of the statement's `and` or `or`."""

    def edit(code: MarkedCode) -> None:
        choice = _outermost(code, ast.BoolOp)
        choice.values.remove(_nth(choice.values, number))

    return edit


def unfiltered(code: MarkedCode) -> None:
    """Replaces the last call in the statement's value with `.all()`."""
    value = getattr(code.statement, "value", None)
    if not isinstance(value, ast.Call) or not isinstance(value.func, ast.Attribute):
        raise CannotEdit("its value is no call of a method")
    value.func.attr, value.args, value.keywords = "all", [], []


def drop_keyword(number: int) -> Edit:
    """Removes one keyword argument on the marked line."""

    def edit(code: MarkedCode) -> None:
        call, keyword = _nth([*_keywords(code)], number)
        call.keywords.remove(keyword)

    return edit


def keyword_is_none(number: int) -> Edit:
    """Sets one keyword argument on the marked line to None."""

    def edit(code: MarkedCode) -> None:
        _, keyword = _nth([*_keywords(code)], number)
        keyword.value = ast.Constant(None)

    return edit


def drop_entry(number: int) -> Edit:
    """Removes one dict entry on the marked line."""

    def edit(code: MarkedCode) -> None:
        found, index = _nth(_entries(code), number)
        del found.keys[index], found.values[index]

    return edit


def entry_like_the_one_before(code: MarkedCode) -> None:
    """Gives the dict entry on the marked line the value of the entry before it."""
    found, index = _nth(_entries(code), 0)
    if index == 0:
        raise CannotEdit("this is the first entry")
    found.values[index] = found.values[index - 1]


def drop_item(code: MarkedCode) -> None:
    """Removes the list or tuple item on the marked line."""
    for node in ast.walk(code.statement):
        if isinstance(node, ast.List | ast.Tuple):
            for item in node.elts:
                if item.lineno == code.line:
                    node.elts.remove(item)
                    return
    raise CannotEdit("no item of a list stands here")


def last_sql_condition_holds(code: MarkedCode) -> None:
    """Turns `... AND column = %s` at the end of a string into `... AND %s IS NOT NULL`."""
    for node in ast.walk(code.statement):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            text = re.sub(r"\bAND \w+ = %s$", "AND %s IS NOT NULL", node.value)
            if text != node.value:
                node.value = text
                return
    raise CannotEdit("no SQL here ends with a condition")


def _set_condition(code: MarkedCode, value: bool) -> None:
    if not isinstance(code.statement, ast.If):
        raise CannotEdit("this is no `if`")
    code.statement.test = ast.Constant(value)


def _keywords(code: MarkedCode) -> Iterator[tuple[ast.Call, ast.keyword]]:
    for node in ast.walk(code.statement):
        if isinstance(node, ast.Call):
            yield from ((node, keyword) for keyword in node.keywords if keyword.lineno == code.line)


def _entries(code: MarkedCode) -> list[tuple[ast.Dict, int]]:
    dicts = [node for node in ast.walk(code.statement) if isinstance(node, ast.Dict)]
    return [(node, index) for node in dicts for index, value in enumerate(node.values) if value.lineno == code.line]


def _outermost(code: MarkedCode, kind: type[Node]) -> Node:
    """Searches the statement, without the block below it."""
    header = [child for name, child in ast.iter_fields(code.statement) if name not in {"body", "orelse"}]
    found = [node for child in header if isinstance(child, ast.AST) for node in ast.walk(child)]
    return _nth([node for node in found if isinstance(node, kind)], 0)


def _nth(items: list[Item], number: int) -> Item:
    if number >= len(items):
        raise CannotEdit(f"there are {len(items)} here, so none is number {number}")
    return items[number]


class _Replacement(ast.NodeTransformer):
    def __init__(self, old: ast.AST, new: ast.AST) -> None:
        self._old, self._new = old, new

    def visit(self, node: ast.AST) -> ast.AST:
        return self._new if node is self._old else self.generic_visit(node)


def _replace(code: MarkedCode, old: ast.AST, new: ast.AST) -> None:
    _Replacement(old, new).visit(code.tree)
