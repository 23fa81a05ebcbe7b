"""Recorder and replay buffer hang on the session's one tap."""

from __future__ import annotations

from engine.recording.recorder import Recorder
from engine.recording.replay import ReplayBuffer
from engine.values import Frame, StabilizedFrame


class Fanout:
    """Both listeners on the session's one tap; what is recorded anyway need not be kept twice."""

    def __init__(self, recorder: Recorder, replay: ReplayBuffer) -> None:
        self._recorder, self._replay = recorder, replay

    def offer_raw(self, frame: Frame) -> None:
        """On the capture thread."""
        self._recorder.offer_raw(frame)

    def offer_output(self, result: StabilizedFrame) -> None:
        """On the pipeline thread."""
        if self._recorder.is_open:
            self._recorder.offer_output(result)
        else:
            self._replay.offer_output(result)
