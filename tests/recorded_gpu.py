"""A recorded GPU with one engine of the toy network in it, as tests of the TensorRT back end want it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from engine.inference import open_tensorrt, tensorrt
from engine.inference.flavour import RTX
from engine.inference.open_tensorrt import PlanSupply
from engine.inference.plan_build import BuildFacts, BuildRequest
from engine.inference.plan_cache import PlanKey, admit
from engine.inference.plan_kernels import Plan
from engine.inference.plan_progress import OnProgress
from engine.inference.signature import load_model
from engine.inference.tensorrt import TensorRtBackend
from tests.fakes_cuda import FakeCuda, FakeDriver, FakeGpu
from tests.fakes_onnx import write_toy
from tests.fakes_tensorrt import CudaEngine, fake_trt

SIZE = (96, 128)
PLAN = b"a plan"


class GpuBench:
    """A recorded GPU with one engine of the toy network in it."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.manifest = write_toy(folder, size=SIZE)
        write_toy(folder, "toy-fp16", half=True, size=SIZE)
        self.model = load_model(folder / "toy-fp16.json")
        self.gpu = FakeGpu()
        self.cuda = FakeCuda(self.gpu)
        self.engine = CudaEngine(self.gpu, self.model.onnx_path, SIZE)
        self.trt = fake_trt({PLAN: self.engine})
        self.builds: list[BuildRequest] = []
        self.driver: Any = FakeDriver(self.gpu)
        self.cache = folder / "engines"
        self.built = PLAN
        monkeypatch.setattr(tensorrt, "load_driver", lambda: self.driver)
        monkeypatch.setattr(open_tensorrt, "load_cuda", lambda: self.cuda)
        monkeypatch.setattr(open_tensorrt, "load_flavour", lambda _flavour: self.trt)

    def backend(self) -> TensorRtBackend:
        return TensorRtBackend(self.trt, self.cuda, self.model, Plan(PLAN), SIZE)

    def open(self, *, may_build: bool = True) -> TensorRtBackend:
        supply = PlanSupply(self.cache, may_build, lambda _done, _phase: None, self.build)
        return open_tensorrt.open_tensorrt(load_model(self.manifest), SIZE, RTX, supply)

    def build(self, request: BuildRequest, _on_progress: OnProgress) -> BuildFacts:
        self.builds.append(request)
        part = self.cache / "part"
        part.write_bytes(self.built)
        sha256 = self.model.manifest.sha256
        key = PlanKey("toy-fp16", sha256, "tensorrt-rtx", self.trt.__version__, "any", "sm89", "any", *SIZE)
        admit(part, Path(request.plan), key, {})
        return BuildFacts(request.plan, len(self.built), 0.0, {}, "")
