"""Nothing of a machine with patients' pictures is told to anybody: OpenVINO's telemetry stays out."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
# In a process of its own, since OpenVINO may be loaded here already.
LOADED = """
import sys, threading
import engine.inference.openvino
told = [name for name, module in sys.modules.items() if name.startswith("openvino_telemetry") and module]
print(told, [one.name for one in threading.enumerate()])
"""


def test_loading_the_back_end_tells_nobody_and_starts_no_thread(tmp_path: Path) -> None:
    environment = {**os.environ, "HOME": str(tmp_path), "LOCALAPPDATA": str(tmp_path)}
    told = subprocess.run(
        [sys.executable, "-c", LOADED], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    assert told.stdout.strip() == "[] ['MainThread']"
    assert not list(tmp_path.iterdir())  # no identity was made up


def test_every_import_of_openvino_goes_through_the_module_that_keeps_it_quiet() -> None:
    files = [path for room in ("app", "engine", "models", "tests") for path in (ROOT / room).rglob("*.py")]
    loud = [path.name for path in files if re.search(r"^\s*(import|from) openvino\b", path.read_text("utf-8"), re.M)]
    assert loud == ["openvino_offline.py"]
