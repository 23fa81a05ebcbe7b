"""What the program remembers between starts: validated, versioned, written atomically."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any, TypeVar

from engine.errors import SettingsError

VERSION = 1
Check = Callable[[Any], bool]
Section = TypeVar("Section", bound="_Section")


def _setting(default: Any, check: Check, meaning: str, *, is_safety: bool = False) -> Any:
    """A field with its rule; `is_safety` marks what may be refused but never guessed."""
    return field(default=default, metadata={"check": check, "meaning": meaning, "is_safety": is_safety})


def _one_of(*choices: object) -> Check:
    return lambda value: value in choices and type(value) in {type(choice) for choice in choices}


def _between(low: float, high: float) -> Check:
    return lambda value: isinstance(value, int | float) and not isinstance(value, bool) and low <= value <= high


def _is_bool(value: Any) -> bool:
    return isinstance(value, bool)


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and len(value) < 4096


def _is_person(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= 64 and value.isprintable() and not set(value) & set("\\^=")


def _is_name(value: Any) -> bool:
    return _is_text(value) and bool(value)


def _is_labels(value: Any) -> bool:
    return isinstance(value, list | tuple) and 0 < len(value) <= 64 and all(_is_name(label) for label in value)


def _is_title(value: Any) -> bool:
    return isinstance(value, str) and 0 < len(value) <= 16 and "\\" not in value


def _is_keys(value: Any) -> bool:
    return isinstance(value, Mapping) and all(_is_name(key) and _is_text(text) for key, text in value.items())


@dataclass(frozen=True, slots=True)
class _Section:
    """A page of settings; making one with a bad value raises SettingsError."""

    def __post_init__(self) -> None:
        for each in fields(self):
            value = getattr(self, each.name)
            if not each.metadata["check"](value):
                raise SettingsError(
                    f"The setting '{each.name}' is {value!r}; it must be {each.metadata['meaning']}.",
                    "Choose another value in the settings.",
                )


@dataclass(frozen=True, slots=True)
class Look(_Section):
    """How the window looks. Nothing here changes what the picture means."""

    theme: str = _setting("dark", _one_of("dark", "high_contrast"), "dark or high_contrast")
    size_percent: int = _setting(0, _one_of(0, 100, 125, 150, 200, 300), "0 (to suit the screen), 100 to 300")
    language: str = _setting("", _is_text, "a language code, or empty for the system's")
    layout: str = _setting(
        "side_by_side",
        _one_of("side_by_side", "one_large", "raw", "enhanced", "stabilized"),
        "a known arrangement of views",
    )
    shows_tooth_overlay: bool = _setting(False, _is_bool, "on or off")
    shows_flow_overlay: bool = _setting(False, _is_bool, "on or off")
    shows_plots: bool = _setting(False, _is_bool, "on or off")
    has_been_welcomed: bool = _setting(False, _is_bool, "on or off")


@dataclass(frozen=True, slots=True)
class Picture(_Section):
    """What is done to the picture. A wrong value here could mislead the eye."""

    is_mirrored: bool = _setting(False, _is_bool, "on or off", is_safety=True)
    rotation_deg: int = _setting(0, _one_of(0, 90, 180, 270), "0, 90, 180 or 270", is_safety=True)
    stabilizer_mode: str = _setting("follow", _one_of("follow", "lock"), "follow or lock", is_safety=True)
    crop: float = _setting(0.075, _between(0.02, 0.2), "between 0.02 and 0.2", is_safety=True)
    cutoff_hz: float = _setting(0.75, _between(0.2, 3.0), "between 0.2 and 3 Hz", is_safety=True)


@dataclass(frozen=True, slots=True)
class Source(_Section):
    """Which camera, by identity, and its calibration."""

    identity: str = _setting("", _is_text, "the identity of a source, or empty for none", is_safety=True)
    format: str = _setting("", _is_text, "a format such as 1280x720@30:MJPG, or empty for the camera's own")
    calibration: str = _setting("", _is_text, "a calibration profile, or empty for none", is_safety=True)


@dataclass(frozen=True, slots=True)
class Engine(_Section):
    """What computes."""

    backend: str = _setting("auto", _is_name, "the name of a back end")
    model: str = _setting("mostnet-lite", _is_name, "the name of a network", is_safety=True)
    threads: int = _setting(0, _between(0, 256), "a number of threads, 0 for automatic")
    has_own_process: bool = _setting(False, _is_bool, "on or off")
    keeps_pace: bool = _setting(True, _is_bool, "on or off")


@dataclass(frozen=True, slots=True)
class Recording(_Section):
    """Where and how sessions are recorded."""

    library: str = _setting("", _is_text, "a folder, or empty for the standard one")
    crf: int = _setting(20, _between(0, 40), "between 0 and 40")
    operator: str = _setting("", _is_person, "a name of at most 64 letters, or empty for the account's")
    keeps_enhanced: bool = _setting(False, _is_bool, "on or off")
    is_hardware_encoder_allowed: bool = _setting(True, _is_bool, "on or off")
    labels: Sequence[str] = _setting(
        ("caries", "crack", "calculus", "plaque", "restoration margin", "perforation", "other"),
        _is_labels,
        "a list of 1 to 64 names",
    )


@dataclass(frozen=True, slots=True)
class Pacs(_Section):
    """Where sessions are sent. A wrong value would send a patient's pictures elsewhere."""

    host: str = _setting("", _is_text, "a host name or address, or empty for none", is_safety=True)
    port: int = _setting(11112, _between(1, 65535), "a port number", is_safety=True)
    called: str = _setting("ANY-SCP", _is_title, "a title of 1 to 16 letters", is_safety=True)
    calling: str = _setting("STEADYSCOPE", _is_title, "a title of 1 to 16 letters", is_safety=True)


@dataclass(frozen=True, slots=True)
class Keys(_Section):
    """Shortcuts and learned pedals: action name -> key sequence."""

    shortcuts: Mapping[str, str] = field(
        default_factory=dict, metadata={"check": _is_keys, "meaning": "a table of names and keys", "is_safety": False}
    )


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything persistent, one page each."""

    look: Look = field(default_factory=Look)
    picture: Picture = field(default_factory=Picture)
    source: Source = field(default_factory=Source)
    engine: Engine = field(default_factory=Engine)
    recording: Recording = field(default_factory=Recording)
    pacs: Pacs = field(default_factory=Pacs)
    keys: Keys = field(default_factory=Keys)


def save(settings: Settings, path: Path) -> None:
    """Write the whole file or nothing. Raises SettingsError when the disk refuses."""
    text = json.dumps({"version": VERSION, **asdict(settings)}, indent=1) + "\n"
    draft = path.with_name(f"{path.name}.{os.getpid()}.new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with draft.open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):  # where the folder itself is the trouble
            draft.unlink(missing_ok=True)
        raise SettingsError(
            f"The settings cannot be saved to {path}: {error.strerror or error}.", "Free disk space or mend the folder."
        ) from error


def load(path: Path) -> tuple[Settings, tuple[str, ...]]:
    """The settings, and a notice for each cosmetic value that was bad and went back to its default.

    A missing file gives the defaults. Raises SettingsError for a damaged file, one of a newer program, or a bad value
    that bears on safety: those are never guessed.
    """
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return Settings(), ()
    except (OSError, ValueError) as error:
        raise _refusal(path, f"The settings in {path} cannot be read: {error}.") from error
    if not isinstance(raw, dict) or not isinstance(raw.get("version"), int):
        raise _refusal(path, f"{path} is not a settings file.")
    if raw["version"] > VERSION:
        raise _refusal(path, f"The settings in {path} were written by a newer Steadyscope.")
    notices: list[str] = []
    pages = {
        each.name: _page(getattr(Settings(), each.name), raw.get(each.name, {}), each.name, path, notices)
        for each in fields(Settings)
    }
    return Settings(**pages), tuple(notices)


def _page(default: Section, raw: Any, name: str, path: Path, notices: list[str]) -> Section:
    """One page: every value is judged by its field's rule."""
    if not isinstance(raw, dict):
        raise _refusal(path, f"The page '{name}' of the settings is damaged.")
    page = default
    for each in fields(default):
        if each.name not in raw:
            continue
        value, rule = raw[each.name], each.metadata
        if rule["check"](value):
            page = replace(page, **{each.name: tuple(value) if isinstance(value, list) else value})
        elif rule["is_safety"]:
            raise _refusal(
                path,
                f"The setting '{name}.{each.name}' is {value!r}; it must be {rule['meaning']}, and is not guessed.",
            )
        else:
            notices.append(
                f"The setting '{name}.{each.name}' was {value!r}; it must be {rule['meaning']}. The default is used."
            )
    return page


def _refusal(path: Path, sentence: str) -> SettingsError:
    return SettingsError(sentence, f"Mend it, or delete {path} to begin with the defaults.")
