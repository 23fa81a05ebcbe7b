"""Trained networks under test: an exported graph through OpenVINO, or a training checkpoint through torch."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.errors import ModelError
from engine.inference.openvino_offline import ov
from engine.inference.preprocess import to_working_size, working_size
from engine.inference.signature import load_model, resolve_shape
from engine.lift import Lift
from models.build import build
from models.evaluation.predictors import Prediction, Predictor, to_full
from models.metrics import Picture
from models.training import checkpoint


def open_network(weights: Path, size: tuple[int, int], precision: str, pixels: int | None = None) -> Predictor:
    """`NAME.json` (a manifest beside its ONNX file), `NAME.onnx`, or `NAME.pt` (a checkpoint's averaged weights).

    `size` is the frames' (height, width). With `pixels` an exported network runs on about so many, its answer lifted.
    """
    if weights.suffix == ".pt" and pixels is None:
        return CheckpointNetwork(weights)
    if weights.suffix in (".json", ".onnx"):
        return ExportedNetwork(weights.with_suffix(".json"), size, precision, pixels)
    if weights.suffix == ".pt":
        raise ModelError("A checkpoint runs at the frames' own size only.", "Export it, and give NAME.json.")
    raise ModelError(f"{weights} is neither a manifest nor a checkpoint.", "Give NAME.json, NAME.onnx or NAME.pt.")


class ExportedNetwork:
    """The graph as it ships, state carried from frame to frame."""

    def __init__(self, manifest_path: Path, size: tuple[int, int], precision: str, pixels: int | None = None) -> None:
        model = load_model(manifest_path)
        self._manifest = model.manifest
        self.name = f"{self._manifest.name} ({precision})"
        if pixels is not None:
            size = working_size(*size, self._manifest.stride, pixels)
            self.name += f" at {size[1]}x{size[0]}"
        self._size = size
        core = ov.Core()
        graph = core.read_model(model.onnx_path)
        shapes = {spec.name: resolve_shape(spec.shape, *size) for spec in self._manifest.inputs}
        shapes |= {spec.input: resolve_shape(spec.shape, *size) for spec in self._manifest.state}
        graph.reshape({name: list(shape) for name, shape in shapes.items()})
        options = {"PERFORMANCE_HINT": "LATENCY", "INFERENCE_PRECISION_HINT": precision}
        self._request = core.compile_model(graph, "CPU", options).create_infer_request()
        self._state: dict[str, NDArray[np.generic]] = {}
        self._lift = Lift()
        self.reset()

    def reset(self) -> None:
        """Zeros mean "no past"."""
        self._state = {
            spec.input: np.zeros(resolve_shape(spec.shape, *self._size), spec.dtype) for spec in self._manifest.state
        }

    def step(self, frame: Picture) -> Prediction:
        """One inference, at another size than the frame's as the live path does it: shrunk, and its answer lifted."""
        small = to_working_size(frame, self._size)
        self._request.infer({"frame": small[None], **self._state})
        found = {
            name: self._request.get_tensor(name).data.copy()
            for name in ["enhanced", "flow", "trust", "tooth", *(spec.output for spec in self._manifest.state)]
        }
        self._state = {spec.input: found[spec.output] for spec in self._manifest.state}
        size = frame.shape[0], frame.shape[1]
        per_axis = np.array([size[1] / self._size[1], size[0] / self._size[0]], np.float32)
        return Prediction(
            enhanced=self._lift(frame, small, found["enhanced"][0]),
            flow=to_full(found["flow"][0] * per_axis, size),
            trust=to_full(found["trust"][0].astype(np.float32) / 255, size),
            tooth=to_full(found["tooth"][0].astype(np.float32) / 255, size) >= 0.5,
        )


class CheckpointNetwork:
    """A network in training, in evaluation mode, with its averaged weights."""

    def __init__(self, path: Path) -> None:
        content = checkpoint.load(path)
        self._network = build(_network_name(content["config"]))
        self._network.load_state_dict(content["average"])
        self._network.eval()
        self.name = f"{path.parent.name}/{path.name} at step {content['step']}"
        self._state: tuple[Tensor, ...] | None = None

    def reset(self) -> None:
        """The next frame starts from the network's own initial state."""
        self._state = None

    @torch.inference_mode()
    def step(self, frame: Picture) -> Prediction:
        """One forward pass in single precision."""
        size = frame.shape[0], frame.shape[1]
        picture = torch.from_numpy(np.array(frame)).permute(2, 0, 1)[None].float() / 255
        picture = picture.contiguous(memory_format=torch.channels_last)
        state = self._network.initial_state(picture) if self._state is None else self._state
        outputs, self._state = self._network(picture, state)
        enhanced = (outputs.enhanced[0].clamp(0, 1) * 255).round().byte().permute(1, 2, 0).contiguous().numpy()
        flow = outputs.flow[-1].pixels[0].permute(1, 2, 0).contiguous().numpy()
        return Prediction(
            enhanced=enhanced,
            flow=to_full(flow, size),
            trust=to_full(-outputs.log_scale[0, 0].numpy(), size),
            tooth=to_full(outputs.tooth[-1][0, 0].numpy(), size) > 0,
        )


def _network_name(config: str) -> str:
    return config if config.startswith("mostnet-") else f"mostnet-{config}"
