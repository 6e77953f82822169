"""The shapes of answers: JSON, redirects, pages, with the headers that SwarmUI sends."""

import json
from typing import Any

from aiohttp import web

COMFY_STYLE = "body{background-color:#101010;color:#eeeeee;}"


class BareResponse(web.Response):
    """An answer that goes out without any content type."""


def api_json(value: Any, status: int = 200) -> web.Response:
    """The answer of an API route (src/Utils/Utilities.cs:469-487)."""
    text = json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    headers = {"Content-Type": "application/json", "Cache-Control": "no-store"}
    return web.Response(body=text.encode(), status=status, headers=headers)


def comfy_json(value: Any) -> web.Response:
    """An answer of ComfyUI, passed through."""
    headers = {"Content-Type": "application/json; charset=utf-8"}
    return web.Response(body=json.dumps(value).encode(), headers=headers)


def redirect(location: str) -> web.Response:
    """A 302 with an empty body."""
    return BareResponse(status=302, headers={"Location": location})


def page(html: str, status: int = 200, content_type: str = "text/html; charset=utf-8") -> web.Response:
    """An HTML page."""
    return web.Response(body=html.encode(), status=status, headers={"Content-Type": content_type})


def bare(status: int, text: str = "", **headers: str) -> web.Response:
    """An answer without content type, as Kestrel sends what no handler dressed."""
    named = {key.replace("_", "-"): value for key, value in headers.items()}
    kind = web.Response if "Content-Type" in named else BareResponse
    return kind(body=text.encode(), status=status, headers=named)


def comfy_refusal(status: int, sentence: str, *, old: bool) -> web.Response:
    """The pages of the pass-through (ComfyUIRedirectHelper.cs:83-103)."""
    if old:
        html = (
            f"<!DOCTYPE html><html><head><stylesheet>{COMFY_STYLE}</stylesheet></head>"
            f'<body><span class="comfy-failed-to-load">{sentence}</span></body></html>'
        )
    else:
        html = (
            f"<!DOCTYPE html>\n<html>\n<head>\n<style>{COMFY_STYLE}</style>\n</head>\n<body>\n"
            f'<span class="comfy-failed-to-load">{sentence}</span>\n</body>\n</html>'
        )
    return page(html, status, "text/html")
