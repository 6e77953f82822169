"""SwarmUI's and ComfyUI's JSON, made into the values of `model`. Shapes: src/WebAPI/*.cs and ComfyUI's server.py.

Every function takes parsed JSON of any shape and either returns a value or raises Incompatible. Nothing is guessed:
a counter that is absent or makes no sense is never a zero.
"""

import re
from typing import Any, TypeGuard

from tray_app.core.credentials import StoredSession
from tray_app.core.errors import Incompatible
from tray_app.core.model import (
    Backend,
    BackendSummary,
    ComfyQueue,
    Counters,
    Identity,
    LogLine,
    LogTail,
    Prompt,
    UserCounters,
)
from tray_app.core.queue_skeleton import LOAD_NODE, LOAD_TEXT

_MOST_JOBS = 1_000_000
_MOST_SEQUENCE = 2**63 - 1
_LONGEST_NAME = 500
_LONGEST_TEXT = 20_000
_COUNTERS = ("waiting_gens", "loading_models", "waiting_backends", "live_gens")


def new_session(data: object, *, key: str = "") -> StoredSession:
    """GetNewSession (src/WebAPI/BasicAPIFeatures.cs:251-287); `key` is the fingerprint of the credentials used."""
    reply = _object(data, "GetNewSession")
    permissions = reply.get("permissions")
    if permissions is not None and not _is_texts(permissions):
        raise _unreadable("GetNewSession", "permissions")
    append = reply.get("output_append_user", True)
    if not isinstance(append, bool):
        raise _unreadable("GetNewSession", "output_append_user")
    identity = Identity(
        user=_name(reply, "user_id", "GetNewSession"),
        version=_name(reply, "version", "GetNewSession"),
        server_id=_name(reply, "server_id", "GetNewSession", default=""),
        permissions=None if permissions is None else frozenset(permissions),
        output_append_user=append,
    )
    return StoredSession(_name(reply, "session_id", "GetNewSession"), identity, key)


def global_status(data: object) -> tuple[Counters, BackendSummary]:
    """GetGlobalStatus (src/WebAPI/AdminAPI.cs:472-501): the counters of the whole server."""
    reply = _object(data, "GetGlobalStatus")
    counters = _counters(_object(reply.get("status"), "GetGlobalStatus"), "GetGlobalStatus")
    return counters, _summary(reply, "GetGlobalStatus")


def backend_summary(data: object) -> BackendSummary:
    """GetCurrentStatus (src/WebAPI/BasicAPIFeatures.cs:588), without its counters: they are the caller's session's."""
    reply = _object(data, "GetCurrentStatus")
    if "backend_status" not in reply and "status" in reply:
        raise Incompatible(
            "This SwarmUI is too old: it does not tell the state of its backends.",
            "Update SwarmUI to 0.9.7 or newer.",
        )
    return _summary(reply, "GetCurrentStatus")


def connected_users(data: object) -> tuple[UserCounters, ...]:
    """ListConnectedUsers (src/WebAPI/AdminAPI.cs:536-583); it sends no counters before 2025-10-16."""
    users = _object(data, "ListConnectedUsers").get("users")
    if not isinstance(users, list):
        raise _unreadable("ListConnectedUsers", "users")
    parsed = []
    for each in users:
        user = _object(each, "ListConnectedUsers")
        counted = any(name in user for name in _COUNTERS)
        counters = _counters(user, "ListConnectedUsers") if counted else None
        parsed.append(UserCounters(_name(user, "id", "ListConnectedUsers"), counters))
    return tuple(parsed)


def backends(data: object) -> tuple[Backend, ...]:
    """ListBackends (src/WebAPI/BackendAPI.cs:53-80, 219-233): an object by id, in the order of the ids."""
    parsed = []
    for each in _object(data, "ListBackends").values():
        entry = _object(each, "ListBackends")
        number = entry.get("id")
        enabled = entry.get("enabled")
        model = entry.get("current_model")
        if not isinstance(number, int) or isinstance(number, bool) or abs(number) > _MOST_JOBS:
            raise _unreadable("ListBackends", "id")
        if not isinstance(enabled, bool):
            raise _unreadable("ListBackends", "enabled")
        if model is not None and not isinstance(model, str):
            raise _unreadable("ListBackends", "current_model")
        parsed.append(
            Backend(
                id=number,
                title=clip(_text(entry, "title", "ListBackends", default="")),
                type=_name(entry, "type", "ListBackends"),
                status=_name(entry, "status", "ListBackends"),
                enabled=enabled,
                model=None if model is None else clip(model),
            )
        )
    return tuple(sorted(parsed, key=lambda backend: backend.id))


def queue_remaining(data: object) -> int:
    """ComfyUI's GET /prompt: running plus pending prompts."""
    info = _object(_object(data, "ComfyUI's /prompt").get("exec_info"), "ComfyUI's /prompt")
    return _count(info, "queue_remaining", "ComfyUI's /prompt")


def comfy_queue(data: object, backend_id: int) -> ComfyQueue:
    """ComfyUI's GET /queue: lists of [number, prompt id, graph, extra data, outputs]."""
    reply = _object(data, "ComfyUI's /queue")
    return ComfyQueue(backend_id, _prompts(reply, "queue_running"), _prompts(reply, "queue_pending"))


def comfy_version(data: object) -> tuple[int, ...] | None:
    """ComfyUI's GET /system_stats: system.comfyui_version such as "0.3.64"; None where it does not say."""
    system = _object(data, "ComfyUI's /system_stats").get("system")
    text = system.get("comfyui_version") if isinstance(system, dict) else None
    found = re.match(r"v?(\d{1,6}(?:\.\d{1,6}){0,5})(?![\d])", text) if isinstance(text, str) else None
    return tuple(int(part) for part in found[1].split(".")) if found else None


def succeeded(data: object, route: str) -> bool:
    """Whether a control route says that it did what was asked (`success`)."""
    success = _object(data, route).get("success")
    if not isinstance(success, bool):
        raise _unreadable(route, "success")
    return success


def log_tail(data: object) -> LogTail:
    """ListRecentLogMessages (src/WebAPI/AdminAPI.cs:264-312): `data` by type, here in the order of the sequence."""
    reply = _object(data, "ListRecentLogMessages")
    lines = []
    for kind, messages in _object(reply.get("data"), "ListRecentLogMessages").items():
        if not isinstance(messages, list):
            raise _unreadable("ListRecentLogMessages", "data")
        for each in messages:
            message = _object(each, "ListRecentLogMessages")
            sequence = _count(message, "sequence_id", "ListRecentLogMessages", most=_MOST_SEQUENCE)
            text = _text(message, "message", "ListRecentLogMessages")[:_LONGEST_TEXT]
            lines.append(LogLine(sequence, kind[:_LONGEST_NAME], text))
    last = _count(reply, "last_sequence_id", "ListRecentLogMessages", most=_MOST_SEQUENCE)
    return LogTail(tuple(sorted(lines, key=lambda line: line.sequence)), last)


def listed_images(data: object) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """ListImages (src/WebAPI/T2IAPI.cs:821-833): folders and files, both relative to the path that was asked for.

    Names that could lead out of the folder are left out.
    """
    reply = _object(data, "ListImages")
    folders, files = reply.get("folders"), reply.get("files")
    if not _is_texts(folders) or not isinstance(files, list):
        raise _unreadable("ListImages", "folders")
    names = [_text(_object(each, "ListImages"), "src", "ListImages") for each in files]
    return tuple(each for each in folders if _stays_inside(each)), tuple(each for each in names if _stays_inside(each))


def clip(text: str, longest: int = 300) -> str:
    """Foreign text for one line on a screen: no control characters, not too long."""
    line = " ".join("".join(char if char.isprintable() else " " for char in text[: 4 * longest]).split())
    return line if len(line) <= longest else line[: longest - 1] + "…"


def _unreadable(route: str, key: str) -> Incompatible:
    return Incompatible(
        f"The reply to {route} cannot be read: “{key}” is missing or makes no sense.",
        "Check that this is the address of a SwarmUI, and that SwarmUI and this program are up to date.",
    )


def _object(value: object, route: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise Incompatible(
            f"The reply to {route} cannot be read: an object was expected.",
            "Check that this is the address of a SwarmUI, and that SwarmUI and this program are up to date.",
        )
    return value


def _count(entry: dict[str, Any], key: str, route: str, *, most: int = _MOST_JOBS) -> int:
    value = entry.get(key)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= most:
        raise _unreadable(route, key)
    return value


def _counters(entry: dict[str, Any], route: str) -> Counters:
    waiting_gens, loading_models, waiting_backends, live_gens = (_count(entry, name, route) for name in _COUNTERS)
    return Counters(waiting_gens, loading_models, waiting_backends, live_gens)


def _summary(reply: dict[str, Any], route: str) -> BackendSummary:
    entry = _object(reply.get("backend_status"), route)
    loading = entry.get("any_loading")
    if not isinstance(loading, bool):
        raise _unreadable(route, "any_loading")
    return BackendSummary(
        status=_name(entry, "status", route),
        severity=_text(entry, "class", route)[:_LONGEST_NAME],
        message=clip(_text(entry, "message", route)),
        any_loading=loading,
    )


def _text(entry: dict[str, Any], key: str, route: str, *, default: str | None = None) -> str:
    value = entry.get(key, default)
    if not isinstance(value, str):
        raise _unreadable(route, key)
    return value


def _name(entry: dict[str, Any], key: str, route: str, *, default: str | None = None) -> str:
    """A text that is compared or sent back: it is taken whole or not at all."""
    value = _text(entry, key, route, default=default)
    if (not value and default is None) or len(value) > _LONGEST_NAME or not value.isprintable():
        raise _unreadable(route, key)
    return value


def _is_texts(value: object) -> TypeGuard[list[str]]:
    return isinstance(value, list) and all(isinstance(each, str) for each in value)


def _prompts(reply: dict[str, Any], key: str) -> tuple[Prompt, ...]:
    entries = reply.get(key)
    if not isinstance(entries, list):
        raise _unreadable("ComfyUI's /queue", key)
    prompts = []
    for entry in entries:
        if not isinstance(entry, list) or len(entry) < 3 or not isinstance(entry[1], str) or not entry[1]:
            raise _unreadable("ComfyUI's /queue", key)
        prompts.append(Prompt(entry[1], _loads_model(entry[2])))
    return tuple(prompts)


def _loads_model(graph: object) -> bool:
    nodes = _object(graph, "ComfyUI's /queue").values()
    return any(isinstance(node, dict) and _is_load_node(node) for node in nodes)


def _is_load_node(node: dict[str, Any]) -> bool:
    if node.get("class_type") == LOAD_NODE:
        return True
    inputs = node.get("inputs")
    texts = inputs.values() if isinstance(inputs, dict) else ()
    return any(isinstance(text, str) and LOAD_TEXT in text for text in texts)


def _stays_inside(path: str) -> bool:
    if not path or not path.isprintable() or "\\" in path:
        return False
    return all(part not in {"", ".", ".."} for part in path.split("/"))
