"""What was generated: files, their metadata, ListImages (src/WebAPI/T2IAPI.cs:630-833, src/Accounts/User.cs:284)."""

import base64
import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from tray_app.simulator.pictures import png

if TYPE_CHECKING:
    from tray_app.simulator.orders import Order
    from tray_app.simulator.requests import GenerationRequest
    from tray_app.simulator.world import World

# T2IAPI.cs:148-162: the short side of a preview.
PREVIEW_SIDE = 256
MOST_LISTED = 1000
# Where a server on Linux might keep its pictures; only the log names it.
OUTPUT_FOLDER = "/srv/SwarmUI/Output"
_UNSAFE = str.maketrans(dict.fromkeys('<>:"/\\|?*,\n\r\t', ""))


@dataclass(frozen=True, slots=True)
class Picture:
    """One delivered picture. `address` is what the requester gets: a path below the server, or a data: URL."""

    address: str
    metadata: str


@dataclass(frozen=True, slots=True)
class StoredFile:
    """One file on the server; `path` is relative to its user's folder."""

    path: str
    modified: int
    metadata: str
    seed: int
    width: int
    height: int

    @property
    def data(self) -> bytes:
        """The picture."""
        return png(self.seed, self.width, self.height)

    @property
    def preview(self) -> bytes:
        """A smaller picture. It is PNG where SwarmUI sends JPEG under the same content type."""
        shrink = max(1.0, min(self.width, self.height) / PREVIEW_SIDE)
        return png(self.seed, max(1, int(self.width / shrink)), max(1, int(self.height / shrink)))


class Outputs:
    """The files of all users."""

    def __init__(self, world: "World") -> None:
        self._world = world
        self._files: dict[str, dict[str, StoredFile]] = {}
        self._stems: WeakKeyDictionary[GenerationRequest, str] = WeakKeyDictionary()
        self._minute = ""
        self._in_minute = 0

    def deliver(self, request: "GenerationRequest", seed: int, times: tuple[float, float]) -> Picture:
        """Store a picture unless the request says not to; `times` are preparation and generation in seconds."""
        order = request.order
        metadata = self._metadata(order, seed, times)
        if order.donotsave:
            data = png(seed, order.width, order.height)
            return Picture("data:image/png;base64," + base64.b64encode(data).decode(), metadata)
        user = request.session.user
        path = self._free_path(user, self._stem(request))
        stored = StoredFile(path, int(self._world.now()), metadata, seed, order.width, order.height)
        kept = self._files.setdefault(user, {})
        kept[path] = stored
        if self._world.keep is not None and len(kept) > self._world.keep:
            del kept[next(iter(kept))]
        self._world.log.write("Debug", f"Saved an output file as '{OUTPUT_FOLDER}/{user}/{path}'")
        return Picture(f"View/{user}/{path}", metadata)

    def find(self, user: str, path: str) -> StoredFile | None:
        """The file of a user."""
        return self._files.get(user, {}).get(path)

    def files(self, user: str) -> tuple[StoredFile, ...]:
        """All files of a user, oldest first."""
        return tuple(self._files.get(user, {}).values())

    def listing(self, user: str, path: str, depth: int, sort_by: str, *, reverse: bool) -> dict[str, Any]:
        """The reply of ListImages. Folders on the last level are named but not looked into."""
        prefix = f"{path.strip('/')}/" if path.strip("/") else ""
        below = [each for each in self.files(user) if each.path.startswith(prefix)]
        folders: set[str] = set()
        files: list[tuple[str, StoredFile]] = []
        for each in below:
            relative = each.path.removeprefix(prefix)
            parents = relative.split("/")[:-1]
            folders.update("/".join(parents[: level + 1]) for level in range(min(len(parents), depth)))
            if len(parents) < depth or not parents:
                files.append((relative, each))
        if sort_by == "Date":
            files.sort(key=lambda entry: (entry[1].modified, below.index(entry[1])), reverse=not reverse)
        else:
            files.sort(key=lambda entry: entry[0], reverse=not reverse)
        return {
            "folders": sorted(folders, reverse=not reverse),
            "files": [{"src": name, "metadata": each.metadata} for name, each in files[:MOST_LISTED]],
        }

    def preview_metadata(self, order: "Order", seed: int) -> str:
        """What a page is told of a picture that is still being made."""
        notice = {"is_preview": True, "preview_notice": "Image is not done generating"}
        return json.dumps(
            {"sui_image_params": order.as_metadata(seed) | notice, "sui_extra_data": {"date": self._date()}}, indent=2
        )

    def _metadata(self, order: "Order", seed: int, times: tuple[float, float]) -> str:
        file = order.model_file
        params = order.as_metadata(seed) | {"swarm_version": self._world.version.number}
        extra = {"date": self._date(), "prep_time": f"{times[0]:.2f} sec", "generation_time": f"{times[1]:.2f} sec"}
        digest = "0x" + hashlib.sha256(file.encode()).hexdigest()
        models = [{"name": file, "param": "model", "hash": digest}]
        return json.dumps({"sui_image_params": params, "sui_extra_data": extra, "sui_models": models}, indent=2)

    def _date(self) -> str:
        return self._local().strftime("%Y-%m-%d")

    def _local(self) -> datetime:
        return datetime.fromtimestamp(self._world.now(), tz=UTC).astimezone()

    def _stem(self, request: "GenerationRequest") -> str:
        """The path of a request's files without its ending: date, time and a number that counts within the minute."""
        if request not in self._stems:
            minute = self._local().strftime("%Y-%m-%d/%H%M")
            self._in_minute = self._in_minute + 1 if minute == self._minute else 1
            self._minute = minute
            prompt = request.order.prompt.translate(_UNSAFE)[:60].strip()
            name = f"{minute}{self._in_minute:03d}-{prompt}-{request.order.model_name}"
            self._stems[request] = f"raw/{name}"
        return self._stems[request]

    def _free_path(self, user: str, stem: str) -> str:
        taken = self._files.get(user, {})
        path, count = f"{stem}.png", 0
        while path in taken:
            count += 1
            path = f"{stem}-{count}.png"
        return path
