"""Runs an engine build in a process of its own, with progress and cancel."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import IO

from engine.errors import BackendRefused
from engine.inference.plan_build import BuildCancelled, BuildFacts, BuildRequest, temporary
from engine.inference.plan_progress import OnProgress

POLL_S = 0.1
GRACE_S = 1.0


def build_in_process(
    request: BuildRequest, on_progress: OnProgress, is_cancelled: Callable[[], bool] = lambda: False
) -> BuildFacts:
    """Build one plan in a child process. `is_cancelled` is asked ten times a second.

    Raises BackendRefused (also when the child crashes), BuildCancelled, or whatever interrupts the caller; in each case
    the child is gone and no unfinished file is left.
    """
    child = subprocess.Popen(
        _command(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=_environment(),
    )
    assert child.stdin is not None
    assert child.stdout is not None
    lines: queue.SimpleQueue[str] = queue.SimpleQueue()
    reader = threading.Thread(target=_read, args=(child.stdout, lines), name="engine-build-reader", daemon=True)
    reader.start()
    try:
        child.stdin.write(json.dumps(asdict(request)) + "\n")
        child.stdin.flush()
        return _follow(lines, on_progress, is_cancelled)
    finally:
        _stop(child)
        reader.join()
        child.stdout.close()
        temporary(Path(request.plan)).unlink(missing_ok=True)


def _follow(lines: queue.SimpleQueue[str], on_progress: OnProgress, is_cancelled: Callable[[], bool]) -> BuildFacts:
    while True:
        if is_cancelled():
            raise BuildCancelled
        try:
            line = lines.get(timeout=POLL_S)
        except queue.Empty:
            continue
        if not line:
            raise BackendRefused(
                "The engine build ended without a result.", "Try again; if it stays so, choose the back end 'openvino'."
            )
        if not line.startswith("{"):
            continue  # a library's own chatter
        message = json.loads(line)
        if "done" in message:
            return BuildFacts(**message["done"])
        if "error" in message:
            raise BackendRefused(message["error"]["sentence"], message["error"]["remedy"])
        on_progress(float(message["progress"]), str(message["phase"]))


def _read(stream: IO[str], lines: queue.SimpleQueue[str]) -> None:
    for line in stream:
        lines.put(line)
    lines.put("")


def _stop(child: subprocess.Popen[str]) -> None:
    assert child.stdin is not None
    with contextlib.suppress(BrokenPipeError):
        child.stdin.close()  # the child takes this as "give up"
    try:
        child.wait(GRACE_S)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()


def _command() -> list[str]:
    if getattr(sys, "frozen", False):
        return [sys.executable, "engine", "worker"]
    return [sys.executable, "-m", "engine.inference.plan_build"]


def _environment() -> dict[str, str]:
    root = os.fspath(Path(__file__).parents[2])
    path = os.environ.get("PYTHONPATH")
    return os.environ | {"PYTHONPATH": f"{root}{os.pathsep}{path}" if path else root}
