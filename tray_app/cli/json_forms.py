"""The JSON that commands print, as scripts rely on it. What is not known is null."""

from collections.abc import Iterable
from typing import Any

from tray_app.core.model import CancelResult, ServerStatus

SCHEMA = 1


def status_object(statuses: Iterable[ServerStatus]) -> dict[str, Any]:
    """What `status`, `watch` and `wait` print."""
    return {"schema": SCHEMA, "servers": [_server(each) for each in statuses]}


def cancel_object(result: CancelResult) -> dict[str, Any]:
    """What `cancel` prints; `outcome` is null for a dry run."""
    return {
        "schema": SCHEMA,
        "server": result.server,
        "asked": result.asked,
        "outcome": result.outcome.value if result.outcome else None,
        "cancelled": result.cancelled,
        "remaining": {"running": result.remaining_running, "queued": result.remaining_queued},
        "message": result.message,
    }


def _server(status: ServerStatus) -> dict[str, Any]:
    jobs, problem = status.jobs, status.problem
    return {
        "name": status.name,
        "url": status.url,
        "state": status.state.value,
        "version": status.version,
        "user": status.user,
        "jobs": {
            "total": jobs.total,
            "running": jobs.running,
            "queued": jobs.queued,
            "loading": jobs.loading,
            "at_least": jobs.at_least,
            "scope": jobs.scope.value,
            "source": jobs.source,
        },
        "users": None
        if status.users is None
        else [{"name": each.name, "total": each.total, "running": each.running} for each in status.users],
        "backends": None
        if status.backends is None
        else [
            {"id": each.id, "title": each.title, "type": each.type, "status": each.status, "model": each.model}
            for each in status.backends
        ],
        "can": {"cancel_all": status.can.cancel_all, "cancel_current": status.can.cancel_current},
        "problem": None
        if problem is None
        else {"code": problem.code, "message": problem.message, "advice": problem.advice},
    }
