"""Responses that are sent exactly as given: any bytes, with any content type."""

from aiohttp import web

INDEX_PAGE = (
    "<!doctype html><html lang=en><head><title>Gateway</title></head>"
    "<body><div id=root></div><script src=/assets/index.js></script></body></html>"
)
BAD_GATEWAY = "<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1>nginx</body></html>"
JSON = "application/json"


def answer(body: bytes | str, status: int = 200, kind: str = JSON, **headers: str) -> web.Response:
    """Returns a complete response with exactly this Content-Type. Underscores in header names become dashes."""
    data = body.encode() if isinstance(body, str) else body
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return web.Response(body=data, status=status, headers={"Content-Type": kind, **named})
