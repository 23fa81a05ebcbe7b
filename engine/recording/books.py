"""What a session's books say from the first moment on, whether it is recorded live or saved from the replay."""

from __future__ import annotations

import os
from dataclasses import asdict
from datetime import datetime

import psutil

from engine.recording.encoder import Encoder
from engine.recording.library import UNFINISHED
from engine.recording.session_folder import Patient, SessionFolder
from engine.recording.terms import RecordedSource, RecordingOptions


def opening_entries(
    folder: SessionFolder,
    began: tuple[datetime, int],
    patient: Patient,
    source: RecordedSource,
    options: RecordingOptions,
    encoder: Encoder,
) -> dict[str, object]:
    """Entries of an unfinished session of this process; `began`: local time, and the same moment in monotonic ns."""
    started, started_ns = began
    return {
        "id": folder.session_id,
        "state": UNFINISHED,
        "process": [os.getpid(), psutil.Process().create_time()],
        "started": started.isoformat(timespec="milliseconds"),
        "started_ns": started_ns,
        "patient": asdict(patient),
        "operator": options.operator,
        "source": asdict(source),
        "streams": list(options.streams),
        "encoder": encoder.codec,
    }
