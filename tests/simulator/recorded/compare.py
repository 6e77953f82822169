"""Compares one simulated answer with the recorded one, strictly but for what the table in volatile.py names."""

import json
import re
from dataclasses import dataclass

from tests.simulator.recorded import logs
from tests.simulator.recorded.recording import JSON, Exchange
from tests.simulator.recorded.volatile import VOLATILE, Shape, Volatile

HEADERS = ("Content-Type", "Location", "Allow", "Cache-Control", "Content-Encoding", "Server", "WWW-Authenticate")
# Shorter ids (numbers of requests) also stand in other texts and are never sent by a client.
SHORTEST_SENT_ID = 8


@dataclass(frozen=True)
class Answer:
    """What the simulated server answered, in the form of a recording."""

    status: int
    headers: dict[str, str]
    body: JSON
    raw: bytes = b""

    @property
    def text(self) -> str:
        """The body as it came."""
        return self.raw.decode()


class Ids:
    """Which simulated id stands for which recorded one, learnt as they appear."""

    def __init__(self) -> None:
        self._simulated: dict[str, str] = {}
        self._recorded: dict[str, str] = {}

    def pair(self, recorded: str, simulated: str) -> bool:
        """Note that both mean the same; False if one of them already means another."""
        known = self._simulated.setdefault(recorded, simulated)
        return known == simulated and self._recorded.setdefault(simulated, recorded) == recorded

    def simulated(self, recorded: str) -> str:
        """Raises KeyError for an id that has not appeared yet."""
        return self._simulated[recorded]

    def translate(self, value: JSON) -> JSON:
        """The same request with simulated ids in place of the recorded ones."""
        if isinstance(value, str):
            for recorded, simulated in self._simulated.items():
                if len(recorded) >= SHORTEST_SENT_ID:
                    value = value.replace(recorded, simulated)
            return value
        if isinstance(value, list):
            return [self.translate(entry) for entry in value]
        if isinstance(value, dict):
            return {key: self.translate(entry) for key, entry in value.items()}
        return value


class Comparison:
    """Compares JSON values of one scenario. `own_log_lines`: how many of a list's last log lines are its own."""

    def __init__(self, ids: Ids, own_log_lines: int | None = None) -> None:
        self._ids = ids
        self._own_log_lines = own_log_lines

    def answers(self, exchange: Exchange, answer: Answer) -> list[str]:
        """Every difference between the recorded answer and the simulated one, each a line of text."""
        found = []
        if answer.status != exchange.status:
            found.append(f"status: recorded {exchange.status}, simulated {answer.status}")
        found += [
            f"header {name}: recorded {exchange.reply_headers.get(name)!r}, simulated {answer.headers.get(name)!r}"
            for name in HEADERS
            if exchange.reply_headers.get(name) != answer.headers.get(name)
        ]
        return found + self.values(exchange.route, exchange.reply, answer.body)

    def values(self, route: str, recorded: JSON, simulated: JSON, path: str = "") -> list[str]:
        """Every difference below `path`."""
        place = f"{route} {path}"
        rule = next((entry for entry in VOLATILE if entry.covers(place)), None)
        if type(recorded) is not type(simulated):
            return [f"{place}: recorded {_kind(recorded)}, simulated {_kind(simulated)}"]
        if isinstance(recorded, dict) and isinstance(simulated, dict):
            return self._objects(route, recorded, simulated, path)
        if isinstance(recorded, list) and isinstance(simulated, list):
            return self._lists(route, recorded, simulated, path, rule)
        if isinstance(recorded, str) and isinstance(simulated, str):
            return self._texts(place, recorded, simulated, rule)
        if recorded != simulated and not (rule and rule.shape is Shape.NUMBER):
            return [f"{place}: recorded {recorded!r}, simulated {simulated!r}"]
        return []

    def _objects(self, route: str, recorded: dict[str, JSON], simulated: dict[str, JSON], path: str) -> list[str]:
        found = [f"{route} {path}: key {key!r} is missing" for key in recorded if key not in simulated]
        found += [f"{route} {path}: key {key!r} is not in the recording" for key in simulated if key not in recorded]
        for key in recorded.keys() & simulated.keys():
            found += self.values(route, recorded[key], simulated[key], f"{path}.{key}" if path else key)
        return found

    def _lists(
        self, route: str, recorded: list[JSON], simulated: list[JSON], path: str, rule: Volatile | None
    ) -> list[str]:
        if rule and rule.shape is Shape.LOG:
            return [f"{route} {path}: {line}" for line in logs.differences(recorded, simulated, self._own_log_lines)]
        if rule and rule.shape is Shape.UNORDERED:
            recorded, simulated = sorted(recorded, key=json.dumps), sorted(simulated, key=json.dumps)
            missing = [entry for entry in recorded if entry not in simulated]
            added = [entry for entry in simulated if entry not in recorded]
            if missing or added:
                return [f"{route} {path}: missing {missing}, not in the recording {added}"]
        if len(recorded) != len(simulated):
            return [f"{route} {path}: recorded {len(recorded)} entries, simulated {len(simulated)}"]
        found = []
        for index, (one, other) in enumerate(zip(recorded, simulated, strict=True)):
            found += self.values(route, one, other, f"{path}.{index}" if path else str(index))
        return found

    def _texts(self, place: str, recorded: str, simulated: str, rule: Volatile | None) -> list[str]:
        if rule is None or not rule.mask:
            return [] if recorded == simulated else [f"{place}: recorded {recorded!r}, simulated {simulated!r}"]
        if cut(rule.mask, recorded) != cut(rule.mask, simulated):
            return [f"{place}: but for {rule.mask}: recorded {recorded!r}, simulated {simulated!r}"]
        if rule.shape is not Shape.ID:
            return []
        pieces = (_pieces(rule.mask, recorded), _pieces(rule.mask, simulated))
        return [
            f"{place}: recorded {one!r} and simulated {other!r} each stand for something else already"
            for one, other in zip(*pieces, strict=True)
            if not self._ids.pair(one, other)
        ]


def cut(mask: str, text: str) -> str:
    """`text` with what is volatile in it replaced by a sign."""
    return re.sub(mask, "<...>", text)


def _pieces(mask: str, text: str) -> list[str]:
    return [found.group() for found in re.finditer(mask, text)]


def _kind(value: JSON) -> str:
    names = {dict: "an object", list: "a list", str: "text", bool: "a truth value", type(None): "null"}
    return f"{names.get(type(value), type(value).__name__)} ({json.dumps(value)[:120]})"
