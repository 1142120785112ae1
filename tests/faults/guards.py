"""The guards of the product, and the tests that must fail when one of them is removed.

A guard is a statement of `dashboard/` with the comment `# guard: <name>` at its end, or on the line above. This file
doesn't quote the statements: the edits that remove them depend only on their shape (see `edits`), so a rename breaks
nothing.
"""

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.faults import edits
from tests.faults.edits import Edit, MarkedCode

ROOT = Path(__file__).resolve().parents[2]
PRODUCT = "dashboard"
MARKER = re.compile(r"# guard: ([a-z0-9-]+)")


@dataclass(frozen=True, slots=True)
class Guard:
    """`edits`: how to remove it, by the name of the marker; several if removing one alone goes unnoticed."""

    edits: dict[str, Edit]
    tests: tuple[str, ...]

    @property
    def name(self) -> str:
        return " and ".join(self.edits)


def guard(name: str, edit: Edit, *tests: str, also: dict[str, Edit] | None = None) -> Guard:
    return Guard({name: edit, **(also or {})}, tuple(f"tests/{test}" for test in tests))


GUARDS = (
    # Tasks and polling
    guard("lease-token-fences-change", edits.drop_operand(1), "polling/test_leases.py"),
    guard("lease-token-fences-unchanged-task", edits.last_sql_condition_holds, "polling/test_leases.py"),
    guard("release-what-is-still-held", edits.unfiltered, "polling/test_leases.py"),
    guard("claim-expires", edits.keyword_is_none(0), "polling/test_leases.py"),
    guard("late-claim-is-not-polled", edits.return_true, "faults/test_late_claims.py"),
    guard("compare-and-set-on-version", edits.drop_keyword(1), "tasks/test_changes.py"),
    guard(
        "terminal-status-has-no-moves",
        edits.entry_like_the_one_before,
        "tasks/test_changes.py",
        "polling/test_answers.py",
        also={"answer-leaves-terminal-status": edits.never},
    ),
    guard("answer-is-about-task-asked-for", edits.keyword_is_none(0), "polling/test_lost_answers.py"),
    guard("young-404-is-replica-lag", edits.never, "polling/test_task_not_found.py"),
    guard("earlier-refusal-confirms-nothing", edits.never, "polling/test_refused_keys.py"),
    guard("form-sent-twice-creates-once", edits.never, "tasks/test_create.py"),
    guard("submission-5xx-is-uncertain", edits.never, "tasks/test_create.py"),
    guard("sqlite-transactions-are-immediate", edits.drop_entry(0), "faults/test_locked_database.py"),
    # Permissions
    guard("tasks-visible-to-viewers", edits.first_branch, "test_access_matrix.py"),
    guard(
        "tasks-edited-by-owner-or-admin",
        edits.first_branch,
        "tasks/test_actions.py",
        "test_access_matrix.py",
        "sharing/test_links.py",
    ),
    guard("removed-tasks-are-hidden", edits.drop_keyword(0), "tasks/test_removed.py"),
    guard("keys-visible-to-owner", edits.first_branch, "keys/test_keys.py"),
    guard("ended-link-opens-nothing", edits.unfiltered, "sharing/test_links.py"),
    guard("link-id-needs-an-opening", edits.unfiltered, "sharing/test_shared_with_me.py"),
    guard("link-ends-with-right-to-share", edits.unfiltered, "security/test_derived_access.py"),
    guard("password-reset-link-needs-admin", edits.unfiltered, "accounts/test_password_reset_links.py"),
    guard("setup-link-ends", edits.drop_operand(2), "accounts/test_first_admin.py"),
    guard("csrf-check", edits.drop_item, "test_access_matrix.py"),
    guard("content-is-same-site", edits.never, "content/test_views.py"),
    guard("content-ends-with-access", edits.drop_statement, "content/test_access_recheck.py"),
    guard("seal-is-bound-to-row", edits.never, "keys/test_sealing.py"),
    # The live stream
    guard("stream-is-same-site", edits.never, "live/test_refused_streams.py"),
    guard("stream-checks-host", edits.never, "live/test_refused_streams.py"),
    guard("frames-go-to-viewers", edits.always, "live/test_visibility.py"),
    guard("replay-is-filtered", edits.first_branch, "live/test_visibility.py"),
    guard("stream-ends-with-access", edits.never, "live/test_heartbeat.py"),
    guard("vanished-reader-is-dropped", edits.drop_statement, "faults/test_stalled_readers.py"),
    guard("pruned-cursor-is-refused", edits.drop_operand(1), "live/test_replay.py"),
    # Data from a gateway
    guard("resolved-address-is-public", edits.never, "upstream/test_guard.py"),
    guard("literal-address-is-public", edits.never, "upstream/test_guard.py"),
    guard("key-stays-at-gateway-for-content", edits.never, "upstream/test_redirects.py"),
    guard(
        "key-stays-at-gateway-for-calls",
        edits.never,
        "upstream/test_flow.py",
        "upstream/test_retrieve.py",
        "upstream/test_redirects.py",
        "upstream/test_create.py",
    ),
    guard("response-size-limit", edits.never, "upstream/test_retrieve_sockets.py", "upstream/test_retrieve.py"),
    guard(
        "part-is-the-one-asked-for",
        edits.never,
        "content/test_faults.py",
        also={"part-is-as-long-as-it-says": edits.drop_operand(1)},
    ),
    guard("video-size-is-constant", edits.never, "content/test_faults.py", "content/test_representation.py"),
    guard("only-videos-are-shown", edits.never, "content/test_faults.py"),
    guard("truncated-video-breaks-off", edits.never, "upstream/test_content.py"),
)


def markers(text: str) -> Iterator[tuple[str, int]]:
    """Yields the name and line of each marker; if its line contains nothing else, the line after it."""
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT and (found := MARKER.search(token.string)):
            stands_alone = not token.line[: token.start[1]].strip()
            yield found[1], token.start[0] + stands_alone


def all_markers(root: Path) -> Iterator[tuple[str, Path, int]]:
    for file in sorted((root / PRODUCT).rglob("*.py")):
        text = file.read_text()
        if "# guard:" in text:
            yield from ((name, file, line) for name, line in markers(text))


def without(guard: Guard, root: Path) -> dict[Path, str]:
    """Returns the files below `root` that contain the guard, as they are without it. Raises CannotEdit."""
    trees: dict[Path, ast.Module] = {}
    found = {name: (file, line) for name, file, line in all_markers(root)}
    codes: list[tuple[Edit, MarkedCode]] = []
    for name, edit in guard.edits.items():
        if name not in found:
            raise edits.CannotEdit(f"nothing is marked {name}")
        file, line = found[name]
        tree = trees.setdefault(file, ast.parse(file.read_text()))
        codes.append((edit, MarkedCode(tree, statement_at(tree, line), line)))
    for edit, code in codes:
        edit(code)
    return {file: ast.unparse(ast.fix_missing_locations(tree)) for file, tree in trees.items()}


def statement_at(tree: ast.Module, line: int) -> ast.stmt:
    """Returns the innermost statement, where a block counts as its first lines only. Raises CannotEdit."""
    statements = (node for node in ast.walk(tree) if isinstance(node, ast.stmt))
    here = [node for node in statements if node.lineno <= line <= _last_line(node)]
    if not here:
        raise edits.CannotEdit(f"no statement stands on line {line}")
    return max(here, key=lambda node: node.lineno)


def _last_line(statement: ast.stmt) -> int:
    end = statement.end_lineno or statement.lineno
    block: list[ast.stmt] = getattr(statement, "body", [])
    return max(statement.lineno, block[0].lineno - 1) if block else end
