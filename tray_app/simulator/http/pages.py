"""The few HTML pages that an onlooker meets (src/Pages/)."""

from aiohttp import web

from tray_app.simulator.http.answers import page

ERRORS = {
    "404": (404, "The page you are looking for does not exist."),
    "BasicAPI": (200, "The API call was not of a valid form."),
    "NoGetAPI": (200, "API routes are for POST requests."),
    "Permissions": (200, "You do not have permission for that."),
    "Internal": (500, "Something went wrong inside the server."),
}


def html(title: str, version: str, body: str, status: int = 200) -> web.Response:
    """A page in SwarmUI's frame; `title` is the instance's title."""
    return page(
        "<!DOCTYPE html>\n<html>\n<head>\n"
        '    <meta charset="utf-8" />\n'
        f'    <title id="page_title">Page is loading... - SwarmUI - {title}</title>\n'
        f"</head>\n<body>\n{body}\n<p>SwarmUI v{version}</p>\n</body>\n</html>",
        status,
    )


def front(title: str, version: str, *, logged_in: bool) -> web.Response:
    """/Text2Image; without a login it sends the browser on by script."""
    if not logged_in:
        return html(title, version, '    <script>\n        window.location.href = "Login"\n    </script>')
    words = "This server is simulated: it has the manners of SwarmUI, but makes no pictures of anybody's words."
    return html(title, version, f"<h1>{title}</h1>\n<p>{words}</p>")


def error(title: str, version: str, name: str) -> web.Response:
    """One of the pages that redirects of the old generation lead to."""
    status, words = ERRORS.get(name, ERRORS["404"])
    return html(title, version, f"<h1>{name}</h1>\n<p>{words}</p>", status)
