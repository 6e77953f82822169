"""A client for the simulated server's tests: one request, one answer, nothing of its own."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPMessage
from typing import Any
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back; `json` is None for other content."""

    status: int
    headers: HTTPMessage
    body: bytes

    @property
    def json(self) -> Any:
        """The parsed body, if it says that it is JSON."""
        if not self.headers.get("Content-Type", "").startswith("application/json"):
            return None
        return json.loads(self.body)


def request(
    url: str, method: str, path: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
) -> Answer:
    """Send one request and read its answer. Raises OSError and http.client's errors."""
    place = urlsplit(url)
    connection = HTTPConnection(place.hostname or "", place.port, timeout=10)
    try:
        connection.request(method, path, body, dict(headers or {}))
        reply = connection.getresponse()
        return Answer(reply.status, reply.headers, reply.read())
    finally:
        connection.close()


def get(url: str, path: str, **headers: str) -> Answer:
    """GET with headers, whose names are written with "_" for "-"."""
    return request(url, "GET", path, None, _named(headers))


def post(url: str, path: str, body: object, **headers: str) -> Answer:
    """POST of JSON."""
    return request(url, "POST", path, json.dumps(body).encode(), {"Content-Type": "application/json"} | _named(headers))


def call(url: str, route: str, session: str, **parameters: object) -> Answer:
    """Call an API route with a session."""
    return post(url, f"/API/{route}", {"session_id": session, **parameters})


def new_session(url: str, **headers: str) -> str:
    """GetNewSession's id."""
    session: str = post(url, "/API/GetNewSession", {}, **headers).json["session_id"]
    return session


def _named(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}
