"""The routes that only tell (src/WebAPI/BasicAPIFeatures.cs:552-588, AdminAPI.cs:233-583, BackendAPI.cs:219-233)."""

from typing import Any

from tray_app.simulator.http.call import Call, RouteCrash

_RAM = 25276514304
_RAM_USED = 252765143


async def get_current_status(call: Call) -> dict[str, Any]:
    """The caller's own session, and the common state of the backends."""
    return call.world.current_status(call.session)


async def get_global_status(call: Call) -> dict[str, Any]:
    """The same over all sessions of all users."""
    return call.world.global_status()


async def list_connected_users(call: Call) -> dict[str, Any]:
    """Who is there, with counters where the generation sends them."""
    return {"users": call.world.connected_users()}


async def get_server_resource_info(call: Call) -> dict[str, Any]:
    """Made-up figures of a machine with two cores and no nvidia-smi."""
    usage = round(call.world.dice.uniform(0.0, 0.1), 6)
    ram = {"total": _RAM, "used": _RAM_USED, "free": _RAM - _RAM_USED}
    return {"cpu": {"usage": usage, "cores": 2}, "system_ram": ram}


async def list_backends(call: Call) -> dict[str, Any]:
    """An object keyed by the backends' ids."""
    full = call.flag("full_data", "false")
    now = call.world.now()
    return {str(backend.id): backend.as_json(now, full=full) for backend in call.world.backends}


async def list_recent_log_messages(call: Call) -> dict[str, Any]:
    """The lines after the given sequence ids. Without `last_sequence_ids` it throws, whatever the documents say."""
    types, after = call.body.get("types"), call.body.get("last_sequence_ids")
    if not isinstance(types, list) or not isinstance(after, dict):
        raise RouteCrash(
            "Internal exception: System.NullReferenceException: "
            "Object reference not set to an instance of an object.\n"
            "   at SwarmUI.WebAPI.AdminAPI.ListRecentLogMessages(Session session, JObject raw)"
        )
    return call.world.log.recent(types, after)


async def list_log_types(call: Call) -> dict[str, Any]:
    """The types that exist."""
    return {"types_available": call.world.log.types_available()}
