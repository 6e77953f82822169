"""SwarmUI's backends: their entries in ListBackends and their common state (src/Backends/BackendHandler.cs)."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from tray_app.simulator.ages import ago
from tray_app.simulator.comfy import ComfyUI

FEATURES = (
    "comfyui",
    "refiners",
    "controlnet",
    "endstepsearly",
    "seamless",
    "video",
    "comfy_just_load_model",
    "comfy_loadimage_b64",
    "variation_seed",
    "comfy_saveimage_ws",
    "comfy_latent_blend_masked",
    "freeu",
    "folderslash",
)


class BackendStatus(StrEnum):
    """AbstractBackend.cs:116-124. `idle` means that it does not answer, `running` that it is up."""

    DISABLED = "disabled"
    ERRORED = "errored"
    WAITING = "waiting"
    LOADING = "loading"
    IDLE = "idle"
    RUNNING = "running"


@dataclass(eq=False)
class Backend:
    """One backend and the ComfyUI behind it."""

    id: int
    title: str
    comfy: ComfyUI
    type: str = "comfyui_api"
    status: BackendStatus = BackendStatus.RUNNING
    enabled: bool = True
    over_queue: int = 1
    modcount: int = 1
    usages: int = 0
    last_used: float | None = None
    current_model: str | None = None
    loading_model: str | None = None
    client_ids: list[str] = field(default_factory=list)

    @property
    def is_comfy(self) -> bool:
        """Whether the pass-through reaches it."""
        return self.type.startswith("comfyui_")

    @property
    def is_up(self) -> bool:
        """Whether it runs."""
        return self.status is BackendStatus.RUNNING

    @property
    def takes_jobs(self) -> bool:
        """Whether it runs and is not about to be switched off."""
        return self.is_up and self.enabled

    @property
    def max_usages(self) -> int:
        """Jobs held at a time: one computed, the over-queue handed over (ComfyUIAPIAbstractBackend.cs:139)."""
        return 1 + self.over_queue if self.is_up else 1

    def as_json(self, now: float, *, full: bool) -> dict[str, Any]:
        """The entry as ListBackends shows it (src/WebAPI/BackendAPI.cs:53-80)."""
        idle_for = 0.0 if self.last_used is None else now - self.last_used
        entry: dict[str, Any] = {
            "type": self.type,
            "status": self.status.value,
            "id": self.id,
            "settings": {
                "Address": f"http://127.0.0.1:{8188 + self.id}",
                "AllowIdle": self.status is BackendStatus.IDLE,
                "OverQueue": self.over_queue,
                "EnableFrontendDev": False,
            },
            "modcount": self.modcount,
            "features": list(FEATURES),
            "enabled": self.enabled,
            "title": self.title,
            "max_usages": self.max_usages,
            "seconds_since_used": int(idle_for),
            "time_since_used": "Never" if self.last_used is None else ago(idle_for, nothing="0 seconds from now"),
            "can_load_models": True,
        }
        if full:
            entry["current_model"] = self.current_model
        return entry


_ADVICE = {
    "empty": ("error", "No backends present. You must configure backends"),
    "all_disabled": ("error", "All backends are disabled. You must enable backends"),
}


def summary(backends: Sequence[Backend]) -> dict[str, Any]:
    """The `backend_status` object (BackendHandler.cs:128-220), in that file's order of evaluation."""
    enabled = [backend for backend in backends if backend.enabled]
    seen = {backend.status for backend in backends}
    starting = bool(seen & {BackendStatus.LOADING, BackendStatus.WAITING})
    if not enabled:
        status = "all_disabled" if backends else "empty"
        severity, start = _ADVICE[status]
        words = f"{start} in the Backends section of the Server tab before you can continue."
        return _summary(status, severity, words)
    if BackendStatus.ERRORED in seen:
        words = "Some backends have errored on the server. Check the server logs for details."
        return _summary("errored", "error", words, loading=starting)
    if BackendStatus.RUNNING in seen:
        if not starting:
            return _summary("running", "", "")
        return _summary(
            "some_loading", "warn", "Some backends are ready, but others are still loading...", loading=True
        )
    if starting:
        return _summary("loading", "soft", "Backends are still loading on the server...", loading=True)
    if BackendStatus.DISABLED in seen:
        words = "Some backends are disabled. Please enable or configure them to continue."
        return _summary("disabled", "warn", words)
    words = "All backends are idle. Cannot generate until at least one backend is running."
    return _summary("idle", "warn", words)


def _summary(status: str, severity: str, message: str, *, loading: bool = False) -> dict[str, Any]:
    return {"status": status, "class": severity, "message": message, "any_loading": loading}
