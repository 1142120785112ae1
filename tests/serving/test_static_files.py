"""Static files have a version in their URL, so that browsers can cache them indefinitely."""

import gzip
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.templatetags.static import static
from django.test import AsyncClient, Client

from dashboard.static_files import version_of
from dashboard.templatetags.modules import imported_by, module_preloads

FILES = ["css/base.css", "js/app.js", "django_htmx/htmx-2.min.js", "favicon.svg"]


@pytest.mark.parametrize("name", FILES)
def test_it_is_kept_under_its_version(client: Client, name: str) -> None:
    assert re.fullmatch(rf"/static/[0-9a-f]{{12}}/{re.escape(name)}", static(name))
    answer = client.get(static(name))
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "public, max-age=31536000, immutable")


@pytest.mark.parametrize("name", ["css/base.css", "js/app.js", "django_htmx/htmx-2.min.js", "favicon.svg"])
async def test_it_is_sent_compressed_to_who_takes_it(async_client: AsyncClient, name: str) -> None:
    plain = await async_client.get(static(name))
    content = b"".join([part async for part in plain])  # type: ignore[attr-defined]  # of a file
    for _ in range(2):  # compressed anew, and from memory
        answer = await async_client.get(static(name), headers={"Accept-Encoding": "gzip, br"})
        assert gzip.decompress(answer.content) == content
        assert len(answer.content) < len(content)
        assert {field: answer.headers[field] for field in ("Content-Encoding", "Vary", "Cache-Control")} == {
            "Content-Encoding": "gzip",
            "Vary": "Accept-Encoding",
            "Cache-Control": "public, max-age=31536000, immutable",
        }
        assert answer.headers["Content-Length"] == str(len(answer.content))
        assert answer.headers["Content-Type"] == plain.headers["Content-Type"]
    assert "Content-Encoding" not in plain.headers


@pytest.mark.parametrize("path", ["/static/css/base.css", "/static/0123456789ab/css/base.css"])
async def test_without_its_version_it_is_sent_as_it_is(async_client: AsyncClient, path: str) -> None:
    answer = await async_client.get(path, headers={"Accept-Encoding": "gzip"})
    assert (answer.status_code, "Content-Encoding" in answer.headers) == (200, False)


async def test_a_range_is_one_of_the_file_itself(async_client: AsyncClient) -> None:
    answer = await async_client.get(static("css/base.css"), headers={"Accept-Encoding": "gzip", "Range": "bytes=0-9"})
    assert (answer.status_code, "Content-Encoding" in answer.headers) == (206, False)


def test_under_another_version_it_is_not_kept(client: Client) -> None:
    """This happens when a page of an old server requests files from a new one."""
    answer = client.get("/static/0123456789ab/css/base.css")
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")


def test_without_a_version_it_is_kept_for_a_minute(client: Client) -> None:
    assert "max-age=60" in client.get("/static/css/base.css").headers["Cache-Control"]


def test_what_is_not_there_is_not_kept(client: Client, db: None) -> None:
    answer = client.get(static("css/nothing.css"))
    assert answer.status_code == 404
    assert "immutable" not in answer.headers["Cache-Control"]


@pytest.mark.parametrize("path", ["../manage.py", "%2e%2e/manage.py", "/etc/passwd", "css/../../manage.py"])
def test_a_version_opens_nothing_else(client: Client, db: None, path: str) -> None:
    assert client.get(f"/static/{settings.STATIC_VERSION}/{path}").status_code == 404


def test_any_change_is_another_version(tmp_path: Path) -> None:
    (tmp_path / "a.css").write_text("a")
    versions = {version_of(tmp_path)}
    (tmp_path / "a.css").write_text("b")
    versions.add(version_of(tmp_path))
    (tmp_path / "a.css").rename(tmp_path / "b.css")
    versions.add(version_of(tmp_path))
    (tmp_path / "c.css").touch()
    versions.add(version_of(tmp_path))
    assert len(versions) == 4


def test_a_page_names_all_modules_that_its_scripts_import() -> None:
    """So that the browser can load all of them in parallel."""
    everything = {
        path.relative_to(settings.BASE_DIR / "static").as_posix()
        for path in (settings.BASE_DIR / "static/js").rglob("*.js")
    }
    entries = {"js/app.js", "js/live.js", "js/create.js"}
    assert {module for entry in entries for module in imported_by(entry)} | entries == everything
    links = str(module_preloads(*entries))
    assert links.count('rel="modulepreload"') == len(everything) - len(entries)
    assert all(f'href="{static(module)}"' in links for module in everything - entries)
