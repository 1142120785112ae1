"""Bodies to send instead of a video: name -> media type and bytes."""

import io
import zipfile

SCRIPT = "<script>fetch('/pwned');alert(document.domain)</script>"


def archive() -> bytes:
    """Returns a zip file that contains one page."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as made:
        made.writestr("index.html", SCRIPT)
    return packed.getvalue()


FAKE_BODIES: dict[str, tuple[str, bytes]] = {
    "html": ("text/html; charset=utf-8", f"<!doctype html><title>x</title>{SCRIPT}".encode()),
    "html-as-mp4": ("video/mp4", f"<!doctype html><title>x</title>{SCRIPT}".encode()),
    "svg": ("image/svg+xml", f'<svg xmlns="http://www.w3.org/2000/svg">{SCRIPT}</svg>'.encode()),
    "js": ("text/javascript", b"fetch('/pwned')"),
    "json": ("application/json", b'{"error": {"message": "The video is being processed.", "code": "processing"}}'),
    "json-as-mp4": ("video/mp4", b'{"error": {"message": "The video is being processed."}}'),
    "pdf": ("application/pdf", b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"),
    "zip": ("application/zip", archive()),
    "webm": ("video/webm", b"\x1a\x45\xdf\xa3\x9fB\x86\x81\x01B\xf7\x81\x01B\xf2\x81\x04B\xf3\x81\x08B\x82\x84webm"),
    "polyglot": ("text/html", b"\x00\x00\x00\x18ftypisom\x00\x00\x02\x00isommp42" + SCRIPT.encode()),
    "empty": ("video/mp4", b""),
}
