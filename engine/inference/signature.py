"""The contract between training and run time: the manifest `NAME.json` beside `NAME.onnx`."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from engine.errors import ModelError

SCHEMA = 1
PRECISIONS = ("fp32", "fp16", "int8")
FRAME_SHAPE = (1, "H", "W", 3)
# name -> (dtype, rank, channels behind the grid): what every exported graph must deliver
REQUIRED_OUTPUTS = {
    "enhanced": ("uint8", 4, 3),
    "flow": ("float32", 4, 2),
    "trust": ("uint8", 3, None),
    "tooth": ("uint8", 3, None),
}
FLOW_UNIT = "pixels of the working size"
FLOW_DIRECTION = "current->previous"
REMEDY = "Export the network again with `python -m models export`, or reinstall Steadyscope."

Dim = int | str  # a number, or "H", "W", "H/4": the frame's height or width over a whole number
_DIM = re.compile(r"([HW])(?:/(\d+))?")


def resolve_shape(shape: Sequence[Dim], height: int, width: int) -> tuple[int, ...]:
    """`shape` in numbers for a frame of `height` x `width` pixels. Raises ModelError where it does not divide."""
    return tuple(_resolve(dim, height, width) for dim in shape)


def _resolve(dim: Dim, height: int, width: int) -> int:
    if isinstance(dim, int):
        return dim
    match = _DIM.fullmatch(dim)
    if match is None:
        raise ModelError(f"The manifest has a dimension {dim!r} that is neither a number nor like 'H/4'.", REMEDY)
    side, divisor = (height if match[1] == "H" else width), int(match[2] or 1)
    if divisor == 0 or side % divisor:
        raise ModelError(f"The working size {width}x{height} does not divide by {divisor}.", REMEDY)
    return side // divisor


@dataclass(frozen=True, slots=True)
class TensorSpec:
    """One tensor at the border of the graph."""

    name: str
    dtype: str  # NumPy's name
    shape: tuple[Dim, ...]
    unit: str = ""
    direction: str = ""


@dataclass(frozen=True, slots=True)
class StateSpec:
    """One recurrent tensor: what the next frame needs of this one. Zeros mean "no past"."""

    input: str
    output: str
    dtype: str
    shape: tuple[Dim, ...]
    meaning: str


@dataclass(frozen=True, slots=True)
class Training:
    """Where the weights come from."""

    commit: str = ""
    steps: int = 0
    data: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Manifest:
    """Everything the run time must know of one exported graph."""

    name: str
    onnx: str  # file name beside the manifest
    sha256: str  # of the ONNX file
    trained: bool
    precision: str  # "fp32", "fp16", "int8"
    working_size: tuple[int, int]  # (height, width) it was made for
    stride: int  # both sides of a frame are multiples of it
    inputs: tuple[TensorSpec, ...]
    outputs: tuple[TensorSpec, ...]
    state: tuple[StateSpec, ...]
    training: Training = field(default_factory=Training)
    accuracy: Mapping[str, Any] = field(default_factory=dict)
    schema: int = SCHEMA

    def output(self, name: str) -> TensorSpec:
        """The output called `name`."""
        return next(spec for spec in self.outputs if spec.name == name)


@dataclass(frozen=True, slots=True)
class Model:
    """A manifest with its verified ONNX file."""

    manifest: Manifest
    onnx_path: Path


def sha256_of(path: Path) -> str:
    """Hex digest of a file, read in pieces."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_manifest(manifest: Manifest, path: Path) -> None:
    """Check and write `path`, so that no file is written that `read_manifest` would refuse."""
    check(manifest)
    path.write_text(json.dumps(asdict(manifest), indent=1) + "\n", encoding="utf-8")


def read_manifest(path: Path) -> Manifest:
    """The checked manifest at `path`. Raises ModelError when it is missing, damaged or of another schema."""
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ModelError(f"There is no network {path.stem!r} here: {path.name} is missing.", REMEDY) from None
    except (OSError, ValueError) as error:
        raise ModelError(f"The manifest {path.name} cannot be read: {error}.", REMEDY) from None
    if not isinstance(raw, dict) or raw.get("schema") != SCHEMA:
        found = raw.get("schema") if isinstance(raw, dict) else type(raw).__name__
        raise ModelError(f"The manifest {path.name} has schema {found}, this program reads schema {SCHEMA}.", REMEDY)
    try:
        manifest = _from_json(raw)
    except (KeyError, TypeError, ValueError) as error:
        raise ModelError(f"The manifest {path.name} lacks or misstates a field: {error}.", REMEDY) from None
    check(manifest)
    return manifest


def load_model(manifest_path: Path) -> Model:
    """The manifest and its ONNX file, whose sha256 must match. Raises ModelError."""
    manifest = read_manifest(manifest_path)
    onnx_path = manifest_path.parent / manifest.onnx
    if not onnx_path.is_file():
        raise ModelError(f"The network file {manifest.onnx} is missing beside its manifest.", REMEDY)
    if sha256_of(onnx_path) != manifest.sha256:
        raise ModelError(f"The network file {manifest.onnx} does not match the sha256 in its manifest.", REMEDY)
    return Model(manifest, onnx_path)


def check(manifest: Manifest) -> None:
    """Raise ModelError where the manifest breaks the contract."""
    for is_met, sentence in _conditions(manifest):
        if not is_met:
            raise ModelError(f"The manifest of {manifest.name!r} {sentence}.", REMEDY)
    for shape in [spec.shape for spec in (*manifest.inputs, *manifest.outputs)] + [s.shape for s in manifest.state]:
        resolve_shape(shape, *manifest.working_size)


def _conditions(manifest: Manifest) -> list[tuple[bool, str]]:
    height, width = manifest.working_size
    conditions = [
        (manifest.precision in PRECISIONS, f"has precision {manifest.precision!r}, known are {', '.join(PRECISIONS)}"),
        (bool(re.fullmatch(r"[0-9a-f]{64}", manifest.sha256)), "has no valid sha256"),
        (Path(manifest.onnx).name == manifest.onnx != "", "names an ONNX file outside its own folder"),
        (manifest.stride > 0 and min(height, width) > 0, "has a stride or working size that is not positive"),
        (height % max(manifest.stride, 1) == 0 == width % max(manifest.stride, 1), "has a working size off its stride"),
        (len(manifest.inputs) == 1, "must have one input beside the state"),
        (
            all((i.name, i.dtype, i.shape) == ("frame", "uint8", FRAME_SHAPE) for i in manifest.inputs),
            "must take 'frame' as uint8 (1, H, W, 3)",
        ),
        (
            len({name for s in manifest.state for name in (s.input, s.output)}) == 2 * len(manifest.state),
            "names a state tensor twice",
        ),
        (
            all(s.dtype in ("float32", "float16") for s in manifest.state),
            "has state of an unknown dtype",
        ),
    ]
    outputs = {spec.name: spec for spec in manifest.outputs}
    for name, (dtype, rank, channels) in REQUIRED_OUTPUTS.items():
        spec = outputs.get(name)
        conditions.append((spec is not None, f"lacks the output '{name}'"))
        if spec is not None:
            fits = spec.dtype == dtype and len(spec.shape) == rank and (channels is None or spec.shape[-1] == channels)
            conditions.append((fits, f"has an output '{name}' that is not {dtype} of rank {rank}"))
    if "enhanced" in outputs:
        conditions.append((outputs["enhanced"].shape == FRAME_SHAPE, "must give 'enhanced' at the frame's size"))
    if "flow" in outputs:
        stated = (outputs["flow"].unit, outputs["flow"].direction)
        conditions.append(
            (stated == (FLOW_UNIT, FLOW_DIRECTION), f"must state flow as {FLOW_DIRECTION} in {FLOW_UNIT}")
        )
    return conditions


def _from_json(raw: Mapping[str, Any]) -> Manifest:
    height, width = raw["working_size"]
    training = raw.get("training", {})
    return Manifest(
        name=str(raw["name"]),
        onnx=str(raw["onnx"]),
        sha256=str(raw["sha256"]),
        trained=raw["trained"] is True,
        precision=str(raw["precision"]),
        working_size=(int(height), int(width)),
        stride=int(raw["stride"]),
        inputs=tuple(_tensor(item) for item in raw["inputs"]),
        outputs=tuple(_tensor(item) for item in raw["outputs"]),
        state=tuple(
            StateSpec(item["input"], item["output"], item["dtype"], tuple(item["shape"]), item.get("meaning", ""))
            for item in raw["state"]
        ),
        training=Training(
            str(training.get("commit", "")), int(training.get("steps", 0)), tuple(map(str, training.get("data", ())))
        ),
        accuracy=dict(raw.get("accuracy", {})),
    )


def _tensor(item: Mapping[str, Any]) -> TensorSpec:
    return TensorSpec(
        item["name"], item["dtype"], tuple(item["shape"]), item.get("unit", ""), item.get("direction", "")
    )
