"""Finds words in Python code that can't be translated: texts for people outside the gettext functions."""

import ast
import re
from collections.abc import Iterator

GETTEXT = frozenset({"gettext", "gettext_lazy", "gettext_noop", "ngettext", "ngettext_lazy", "_"})
MESSAGES = frozenset({"success", "info", "warning", "error"})
FIELD_TEXTS = frozenset({"label", "help_text", "placeholder", "error_messages", "empty_label"})
_CODE = re.compile(r"https?:\S*|sk-\S*|\{.*\}")  # an example of a value: the same in every language
_WORD = re.compile(r"[^\W\d_]{2,}")


def literals(code: str) -> Iterator[str]:
    """Yields each literal text that a page would show as it is, and each gettext call with a text that is computed."""
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Call):
            texts = node.args if _name(node.func) in GETTEXT else []
            yield from (ast.unparse(text) for text in texts if isinstance(text, ast.JoinedStr | ast.BinOp))
        for shown in _shown(node):
            yield from _bare(shown)


def _shown(node: ast.AST) -> Iterator[ast.expr]:
    """Yields the expressions at this node that become texts of a page."""
    if isinstance(node, ast.Call):
        name = _name(node.func)
        if isinstance(node.func, ast.Attribute) and name in MESSAGES and _name(node.func.value) == "messages":
            yield from node.args[1:2]
        elif name == "ValidationError":
            yield from node.args[:1]
        elif name == "add_error":
            yield from node.args[1:2]
        yield from (given.value for given in node.keywords if given.arg in FIELD_TEXTS)
    elif isinstance(node, ast.Dict):
        for key, value in zip(node.keys, node.values, strict=True):
            if isinstance(key, ast.Constant) and key.value in FIELD_TEXTS:
                yield value


def _bare(node: ast.AST) -> Iterator[str]:
    """Yields the texts with words in an expression, except in gettext calls, the keys of dicts and conditions."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        if _WORD.search(_CODE.sub("", node.value)):
            yield node.value
    elif isinstance(node, ast.Call) and _name(node.func) in GETTEXT:
        return
    elif isinstance(node, ast.Call) and _name(node.func) == "fromkeys":
        yield from (text for value in node.args[1:] for text in _bare(value))
    elif isinstance(node, ast.Dict):
        yield from (text for value in node.values for text in _bare(value))
    elif isinstance(node, ast.IfExp):
        yield from (text for value in (node.body, node.orelse) for text in _bare(value))
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod):
        yield from _bare(node.left)  # the values are those of placeholders
    elif not isinstance(node, ast.Subscript | ast.Compare):
        yield from (text for child in ast.iter_child_nodes(node) for text in _bare(child))


def _name(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""
