"""The engine speaks English; what it says most often during a treatment is told in the window's language.

A sentence that no template fits is shown as it came.
"""

from __future__ import annotations

import re

from PySide6.QtCore import QCoreApplication


def _(text: str) -> str:
    """Marks a text for lupdate (`-tr-function-alias QT_TR_NOOP+=_`), which files it under no context."""
    return text


GAP = re.compile(r"\\{(\w+)\\}")  # as re.escape leaves "{name}"
TEMPLATES = (
    _("{remedy} It is tried again by itself."),
    _("The camera's driver hangs."),
    _("Unplug the camera and plug it in again."),
    _("The camera's clock jumped; frames are timed as they arrive."),
    _("The camera delivers no fresh picture."),
    _("Unplug it and plug it in again."),
    _("{name} sends no pictures any more."),
    _("Plug it in again; it is reopened by itself."),
    _("{name} sent no picture for {seconds} s."),
    _("Check cable and power."),
    _("{name} does not answer."),
    _("Unplug it, wait two seconds, plug it in again."),
    _("The camera '{name}' is not there."),
    _("No camera is plugged in: check the cable, or use --demo."),
    _("{name} cannot be opened."),
    _("Close other programs that use it, and check your right to use cameras."),
    _("{name} has stopped sending."),
    _("Check the sender; it is tried again by itself."),
    _("There is no file {path}."),
    _("Check the name."),
    _("{name} is empty (0 bytes)."),
    _("{name} holds no picture that can be decoded."),
    _("Record or export it again."),
    _("The file has ended."),
    _("Reading the source failed with a fault of this program."),
    _("The engine stopped."),
    _("The log file says more."),
    _("{name} runs uncalibrated: it has no profile."),
)
PATTERNS = tuple((re.compile(GAP.sub(r"(?P<\1>.+)", re.escape(template))), template) for template in TEMPLATES)


def said(text: str) -> str:
    """A sentence of the engine in the window's language; what fills its gaps is translated too, where it can be."""
    for pattern, template in PATTERNS:
        match = pattern.fullmatch(text)
        if match is not None:
            filled = {name: said(value) for name, value in match.groupdict().items()}
            return QCoreApplication.translate("", template).format(**filled)
    return text
