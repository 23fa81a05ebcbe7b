"""Errors that a user can act on: one sentence and a remedy. Anything else is a bug and propagates."""

from __future__ import annotations


class EngineError(Exception):
    """Something the user can mend: what happened, and what to do about it."""

    def __init__(self, sentence: str, remedy: str) -> None:
        super().__init__(f"{sentence} {remedy}")
        self.sentence = sentence
        self.remedy = remedy


class SourceError(EngineError):
    """A camera, file or stream that cannot be opened or read."""


class SourceTimeout(SourceError):
    """No frame came within the time given; the source may still recover."""


class BackendRefused(EngineError):
    """An inference back end that cannot run here, and why."""


class ModelError(EngineError):
    """Weights or a manifest that do not fit."""


class SettingsError(EngineError):
    """A setting that may not be guessed."""


class RecordingError(EngineError):
    """A recording or session folder that cannot be written or read."""


class AnnotationError(EngineError):
    """An annotation document that cannot be read or changed."""


class CalibrationError(EngineError):
    """A calibration step or profile that is refused."""


class EndOfStream(Exception):
    """A file source has delivered its last frame. Not an error."""
