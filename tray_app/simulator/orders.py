"""What a generation request asks for."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Order:
    """The parameters of one request; `step_seconds` of None means the server's usual speed."""

    images: int = 1
    model: str = "tiny"
    prompt: str = "a red cube on a table"
    negativeprompt: str = ""
    width: int = 64
    height: int = 64
    steps: int = 10
    seed: int = 1
    cfgscale: float = 5.0
    batchsize: int = 1
    donotsave: bool = False
    continue_after_errors: bool = False
    step_seconds: float | None = None

    @property
    def model_file(self) -> str:
        """The name with which the log, ListBackends and ComfyUI know the model."""
        return self.model if self.model.endswith(".safetensors") else f"{self.model}.safetensors"

    @property
    def model_name(self) -> str:
        """The name without its ending, as in metadata and file names."""
        return self.model.removesuffix(".safetensors")

    def as_metadata(self, seed: int) -> dict[str, object]:
        """The `sui_image_params` of one image, without what the server adds."""
        params: dict[str, object] = {"images": self.images} if self.images > 1 else {}
        params |= {"model": self.model_name, "prompt": self.prompt, "width": self.width, "height": self.height}
        params |= {"steps": self.steps, "seed": seed, "cfgscale": self.cfgscale}
        if self.batchsize > 1:
            params["batchsize"] = self.batchsize
        return params | {"negativeprompt": self.negativeprompt}


def order_from(body: Mapping[str, Any], images: int, dice: int) -> Order:
    """Read the body of a generate route; `dice` is the seed where it asks for a random one (-1 or none).

    Raises ValueError with SwarmUI's words where a parameter makes no sense.
    """
    if not body.get("model"):
        raise ValueError("No model input given. Did your UI load properly?")

    def number(key: str, usual: int) -> int:
        try:
            return int(body.get(key, usual))
        except (TypeError, ValueError):
            raise ValueError(f"Invalid integer value for param {key} - '{body[key]}' - must be a number") from None

    seed = number("seed", -1)
    return Order(
        images=images,
        model=str(body["model"]),
        prompt=str(body.get("prompt", "")),
        negativeprompt=str(body.get("negativeprompt", "")),
        width=max(1, min(number("width", 512), 4096)),
        height=max(1, min(number("height", 512), 4096)),
        steps=max(1, min(number("steps", 20), 500)),
        seed=dice if seed < 0 else seed,
        cfgscale=float(number("cfgscale", 7)),
        batchsize=max(1, number("batchsize", 1)),
        donotsave=body.get("donotsave") is True,
        continue_after_errors=body.get("continueaftererrors") is True,
    )
