"""Videos that were cut short: every whole frame that is left can be played again, and nothing is thrown away."""

from __future__ import annotations

import os
from pathlib import Path

from engine.errors import RecordingError
from engine.recording.aside import free_aside, last_set_aside
from engine.recording.fragments import Fragments, fragments_of, unhide
from engine.recording.video_check import check_video, frames_to_mend


def mend_video(path: Path) -> str:
    """Make the whole frames of a video that was cut short readable; what was there is kept beside it.

    Returns what was wrong, in words; empty where nothing was mended. Raises RecordingError.
    """
    try:
        source = path if path.is_file() else last_set_aside(path)  # a repair that was cut short had put it there
        if source is None:
            return ""
        count = frames_to_mend(source, check_video("", source, 0).frames_in_video)
        found = fragments_of(source)
        if not count or found is None:
            return ""
        if found.are_hidden:
            return _unveil(path, source, found)
        return _cut(path, found) if source == path else ""
    except OSError as error:
        raise RecordingError(
            f"What is left of {path.name} cannot be brought back: {error.strerror}.",
            "Free as much disk space as the video takes, and try again.",
        ) from error


def _unveil(path: Path, source: Path, found: Fragments) -> str:
    """Of a closed file: a copy that shows its fragments takes its place."""
    new = path.with_suffix(".new")
    try:
        unhide(source, found, new)
    except OSError:
        new.unlink(missing_ok=True)  # a full disk has no room for half a copy
        raise
    check = check_video("", new, 0)
    if check.problem or check.is_mendable:
        new.unlink()
        return ""
    if source == path:
        path.rename(free_aside(path))
    new.replace(path)
    return f"{path.name} was cut short, {check.frames_in_video} of its frames were brought back"


def _cut(path: Path, found: Fragments) -> str:
    """Of a file that was never closed: the torn frame at its end stands alone, for no player can show it."""
    with path.open("r+b") as file, free_aside(path).open("xb") as torn:
        file.seek(found.end)
        while rest := file.read(1 << 20):
            torn.write(rest)
        torn.flush()
        os.fsync(torn.fileno())
        file.truncate(found.end)
    return f"{path.name} ended in the middle of a frame"
