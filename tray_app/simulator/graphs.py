"""The prompts that SwarmUI hands to ComfyUI, as ComfyUI's /queue shows them."""

from typing import Any

from tray_app.simulator.orders import Order

Graph = dict[str, Any]

# Node classes before the sampler's steps and in all: what the progress lines count.
NODES = 7
NODES_BEFORE_STEPS = 5
LOAD_CLASS = "SwarmJustLoadTheModelPlease"
LOAD_TEXT = "(load the model please)"


def _loader(model: str) -> Graph:
    return {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": model}}


def _canvas(width: int, height: int, batch: int = 1) -> Graph:
    return {"class_type": "EmptyLatentImage", "inputs": {"batch_size": batch, "height": height, "width": width}}


def _text(words: str) -> Graph:
    return {"class_type": "CLIPTextEncode", "inputs": {"clip": ["4", 1], "text": words}}


def picture_graph(order: Order, seed: int, *, negates: bool) -> Graph:
    """The graph of one image of a plain text-to-image request; its output node is "9"."""
    sampler: Graph = {
        "model": ["4", 0],
        "noise_seed": seed,
        "steps": order.steps,
        "cfg": order.cfgscale,
        "sampler_name": "euler",
        "scheduler": "normal",
        "positive": ["6", 0],
        "negative": ["7", 0],
        "latent_image": ["5", 0],
        "start_at_step": 0,
        "end_at_step": 10000,
        "return_with_leftover_noise": "disable",
        "add_noise": "enable",
        "control_after_generate": "fixed",
        "var_seed": 0,
        "var_seed_strength": 0.0,
        "sigma_min": -1.0,
        "sigma_max": -1.0,
        "rho": 7.0,
        "previews": "default",
        "tile_sample": False,
        "tile_size": 512,
    }
    if negates:
        sampler["model_negative"] = None
    return {
        "4": _loader(order.model_file),
        "5": _canvas(order.width, order.height, order.batchsize),
        "6": _text(order.prompt),
        "7": _text(order.negativeprompt),
        "10": {"class_type": "SwarmKSampler", "inputs": sampler},
        "8": {"class_type": "VAEDecode", "inputs": {"vae": ["4", 2], "samples": ["10", 0]}},
        "9": {"class_type": "SwarmSaveImageWS", "inputs": {"images": ["8", 0], "bit_depth": "8bit"}},
    }


def load_graph(model: str, *, decodes: bool) -> Graph:
    """The graph that only loads a model (ComfyUIAPIAbstractBackend.cs:1050); its output node is "100"."""
    graph: Graph = {
        "4": _loader(model),
        "5": _canvas(256, 256),
        "100": {"class_type": LOAD_CLASS, "inputs": {"model": ["4", 0], "clip": ["4", 1], "vae": ["4", 2]}},
    }
    if decodes:
        graph["8"] = {"class_type": "VAEDecode", "inputs": {"vae": ["4", 2], "samples": ["5", 0]}}
    return graph


def bare_load_graph(model: str) -> Graph:
    """The same for a ComfyUI without SwarmUI's nodes: a picture nobody wants, known by its text (unrecorded)."""
    graph = picture_graph(Order(model=model, prompt=LOAD_TEXT, width=256, height=256, steps=1), 1, negates=False)
    graph["10"]["class_type"] = "KSampler"
    graph["9"] = {"class_type": "SaveImage", "inputs": {"images": ["8", 0], "filename_prefix": "SwarmUI_"}}
    return graph
