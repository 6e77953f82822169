"""ListImages, and the files themselves below /View and /Output (src/Core/WebServer.cs:521-625)."""

from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from aiohttp import web

from tray_app.simulator.http.access import identify
from tray_app.simulator.http.answers import api_json
from tray_app.simulator.http.call import Call, Refusal

if TYPE_CHECKING:
    from tray_app.simulator.http.site import Site


async def list_images(call: Call) -> dict[str, Any]:
    """The caller's own files below a path."""
    path, depth = call.text("path"), call.integer("depth")
    sort_by, reverse = call.text("sortBy", "Name"), call.flag("sortReverse", "false")
    if sort_by not in {"Name", "Date"}:
        raise Refusal(f"Invalid sort mode '{sort_by}'.")
    if ".." in path:
        raise Refusal("404, path not found.")
    return call.world.outputs.listing(call.session.user, path, depth, sort_by, reverse=reverse)


async def open_image_folder(call: Call) -> dict[str, Any]:
    """Open a file manager on the server's own screen (src/WebAPI/T2IAPI.cs:836-871): here there is none to open."""
    if call.world.outputs.find(call.session.user, call.text("path")) is None:
        raise Refusal("That file does not exist, cannot open.")
    return {"success": True}


def view(site: "Site", request: web.Request) -> web.Response:
    """One file, or its preview; a viewer must be logged in and see own files only, unless the role shows others'."""
    user = identify(site.world, site.access, request)
    if user is None:
        return api_json({"error_id": "invalid_user", "error": "invalid user"}, 400)
    kind, _, path = unquote(request.rel_url.raw_path).lstrip("/").partition("/")
    owner = user.name
    first, _, rest = path.partition("/")
    if kind == "View" and site.world.accounts.find(first) is not None:
        owner, path = first, rest
    if owner != user.name and not {"*", "view_others_outputs"} & set(site.world.permissions_of(user.name)):
        return api_json({"error_id": "unauthorized", "error": "unauthorized"}, 400)
    stored = site.world.outputs.find(owner, path)
    if stored is None:
        return api_json({"error_id": "file_not_found", "error": "file not found"}, 404)
    wants_preview = request.query.get("preview") == "true"
    headers = {"Content-Type": "image/jpg" if wants_preview else "image/png", "Cache-Control": "private, max-age=30"}
    return web.Response(body=stored.preview if wants_preview else stored.data, headers=headers)
