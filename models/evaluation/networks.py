"""Trained networks under test: an exported graph through OpenVINO, or a training checkpoint through torch."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.errors import ModelError
from engine.inference.openvino_offline import ov
from engine.inference.signature import load_model, resolve_shape
from models.build import build
from models.evaluation.predictors import Prediction, Predictor, to_full
from models.metrics import Picture
from models.training import checkpoint


def open_network(weights: Path, size: tuple[int, int], precision: str) -> Predictor:
    """`NAME.json` (a manifest beside its ONNX file), `NAME.onnx`, or `NAME.pt` (a checkpoint's averaged weights)."""
    if weights.suffix == ".pt":
        return CheckpointNetwork(weights)
    if weights.suffix in (".json", ".onnx"):
        return ExportedNetwork(weights.with_suffix(".json"), size, precision)
    raise ModelError(f"{weights} is neither a manifest nor a checkpoint.", "Give NAME.json, NAME.onnx or NAME.pt.")


class ExportedNetwork:
    """The graph as it ships, state carried from frame to frame."""

    def __init__(self, manifest_path: Path, size: tuple[int, int], precision: str) -> None:
        model = load_model(manifest_path)
        self._manifest, self._size = model.manifest, size
        self.name = f"{self._manifest.name} ({precision})"
        core = ov.Core()
        graph = core.read_model(model.onnx_path)
        shapes = {spec.name: resolve_shape(spec.shape, *size) for spec in self._manifest.inputs}
        shapes |= {spec.input: resolve_shape(spec.shape, *size) for spec in self._manifest.state}
        graph.reshape({name: list(shape) for name, shape in shapes.items()})
        options = {"PERFORMANCE_HINT": "LATENCY", "INFERENCE_PRECISION_HINT": precision}
        self._request = core.compile_model(graph, "CPU", options).create_infer_request()
        self._state: dict[str, NDArray[np.generic]] = {}
        self.reset()

    def reset(self) -> None:
        """Zeros mean "no past"."""
        self._state = {
            spec.input: np.zeros(resolve_shape(spec.shape, *self._size), spec.dtype) for spec in self._manifest.state
        }

    def step(self, frame: Picture) -> Prediction:
        """One inference."""
        self._request.infer({"frame": frame[None], **self._state})
        found = {
            name: self._request.get_tensor(name).data.copy()
            for name in ["enhanced", "flow", "trust", "tooth", *(spec.output for spec in self._manifest.state)]
        }
        self._state = {spec.input: found[spec.output] for spec in self._manifest.state}
        return Prediction(
            enhanced=found["enhanced"][0],
            flow=to_full(found["flow"][0], self._size),
            trust=to_full(found["trust"][0].astype(np.float32) / 255, self._size),
            tooth=to_full(found["tooth"][0].astype(np.float32) / 255, self._size) >= 0.5,
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
