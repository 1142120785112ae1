"""Rows are rendered once, and again as soon as anything in them changes."""

from dataclasses import fields, replace
from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client
from django.utils import translation

from dashboard.tasks import row_html, rows
from dashboard.tasks.models import Task
from dashboard.tasks.rows import Row

pytestmark = pytest.mark.django_db


def row_of(task: Task) -> Row:
    return rows.row(Task.objects.for_rows().get(pk=task.pk))


def test_a_row_that_is_the_same_is_rendered_once(alices_task: Task) -> None:
    assert row_html.row_html(row_of(alices_task)) is row_html.row_html(row_of(alices_task))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", "Another <b>title</b>"),
        ("tags", ("launch",)),
        ("status", "failed"),
        ("progress", 41),
        ("version", 99),
        ("may_change", False),
        ("owner_name", "Somebody"),
        ("created_at", datetime(2020, 1, 1, tzinfo=UTC)),
        ("size_bytes", 123_456),
    ],
)
def test_a_row_that_differs_is_another(alices_task: Task, field: str, value: object) -> None:
    row = row_of(alices_task)
    changed: dict[str, Any] = {field: value}
    assert row_html.row_html(replace(row, **changed)) != row_html.row_html(row)


def test_every_field_counts(alices_task: Task) -> None:
    """A field that is not compared would show an outdated state."""
    row = row_of(alices_task)
    for field in fields(Row):
        changed: dict[str, Any] = {field.name: object()}
        assert replace(row, **changed) != row


def test_each_language_has_its_own(alices_task: Task) -> None:
    row = row_of(alices_task)
    english = row_html.row_html(row)
    with translation.override("de"):
        assert row_html.row_html(row) is not english


def test_words_of_others_are_escaped(as_alice: Client, alices_task: Task) -> None:
    Task.objects.update(label="<script>alert(1)</script>", prompt="<i>x</i>", model="<b>m</b>")
    page = as_alice.get("/").content.decode()
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page
