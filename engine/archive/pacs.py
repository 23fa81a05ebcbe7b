"""C-STORE of exported objects to a PACS, one association, with retries and a clear word on each failure."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydicom import dcmread
from pydicom.errors import InvalidDicomError
from pynetdicom import AE

from engine.errors import RecordingError

Progress = Callable[[float], bool]
SUCCESS, WARNING_FIRST = 0x0000, 0xB000


@dataclass(frozen=True, slots=True)
class PacsAddress:
    """Where to send, and under which names."""

    host: str
    port: int
    called: str = "ANY-SCP"
    calling: str = "STEADYSCOPE"
    timeout_s: float = 10.0

    def __post_init__(self) -> None:
        if not 0 < self.port < 65536:
            raise RecordingError(
                f"{self.port} is no port number.", "Ask the PACS administrator; 104 and 11112 are usual."
            )
        for title in (self.called, self.calling):
            if not 0 < len(title) <= 16 or "\\" in title:
                raise RecordingError(f"'{title}' is no application entity title.", "Use 1 to 16 letters and digits.")


def send(files: Sequence[Path], address: PacsAddress, progress: Progress, tries: int = 3) -> None:
    """Send all files, or raise RecordingError that names the first failure. A progress of False stops between files."""
    pending = list(files)
    reason = "nothing was tried"
    for attempt in range(tries):
        if attempt:
            time.sleep(min(2.0**attempt, 8.0))
        done, reason = _send_once(pending, address, progress, len(files))
        pending = [path for path in pending if path not in done]
        if not pending:
            return
        if reason == "cancelled":
            break
    raise RecordingError(
        f"{len(pending)} of {len(files)} objects did not reach {address.called} at "
        f"{address.host}:{address.port}: {reason}.",
        "Check address, port and titles with the PACS administrator, then send again.",
    )


def _send_once(files: Sequence[Path], address: PacsAddress, progress: Progress, total: int) -> tuple[list[Path], str]:
    entity = AE(ae_title=address.calling)
    entity.connection_timeout = entity.acse_timeout = entity.dimse_timeout = entity.network_timeout = address.timeout_s
    for sop_class, syntax in sorted({_context(path) for path in files}):
        entity.add_requested_context(sop_class, syntax)
    done: list[Path] = []
    try:
        association = entity.associate(address.host, address.port, ae_title=address.called)
    except OSError as error:  # the name of the host is not known
        return done, (error.strerror or str(error)).lower()
    if not association.is_established:
        return done, "the association was refused" if association.is_rejected else "no connection"
    reason = ""
    try:
        for path in files:
            if not progress((total - len(files) + len(done)) / total):
                return done, "cancelled"
            try:
                status = association.send_c_store(str(path))
            except (ValueError, RuntimeError) as error:  # the PACS took the association but not this kind of object
                reason = f"{path.name}: {error}"
                continue
            code = status.Status if "Status" in status else None
            if code == SUCCESS or (code is not None and code & 0xF000 == WARNING_FIRST):
                done.append(path)
            else:
                reason = f"{path.name}: " + ("the connection broke" if code is None else f"status 0x{code:04X}")
    finally:
        if association.is_established:
            association.release()
    progress((total - len(files) + len(done)) / total)
    return done, reason


def _context(path: Path) -> tuple[str, str]:
    try:
        header = dcmread(path, stop_before_pixels=True)
        return str(header.SOPClassUID), str(header.file_meta.TransferSyntaxUID)
    except (InvalidDicomError, AttributeError, OSError) as error:
        raise RecordingError(f"{path.name} is no DICOM object.", "Export the session as dicom again.") from error
