"""The report of a run as JSON: what came in, what went through, how fast, how well."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from engine.errors import RecordingError
from engine.meters import Tally


def report_of(tally: Tally, dropped: Mapping[str, int], backend: str, model: str, source: str) -> dict[str, Any]:
    """The keys are a contract; latency and stages in milliseconds, `modes` and `tracking` in frames."""
    latency = tally.latency_ms
    return {
        "frames_in": tally.frames_in,
        "frames_processed": tally.frames_processed,
        "frames_covered": tally.frames_covered,
        "fps_in": round(tally.fps_in, 3),
        "fps_processed": round(tally.fps_processed, 3),
        "latency_ms": {"p50": round(latency.p50, 2), "p95": round(latency.p95, 2), "p99": round(latency.p99, 2)},
        "stage_ms": {name: round(value, 3) for name, value in tally.stage_ms.items()},
        "dropped": dict(dropped),
        "backend": backend,
        "model": model,
        "working_size": tally.working_size,
        "modes": dict(tally.modes),
        "tracking": dict(tally.tracking),
        "source": source,
    }


def write_report(path: Path, report: Mapping[str, Any]) -> None:
    """Write `report` to `path`. Raises RecordingError when it cannot be written."""
    try:
        path.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    except OSError as error:
        raise RecordingError(
            f"The report {path} cannot be written: {error.strerror or error}.", "Choose another place for it."
        ) from error
