"""One window for each user and settings file: the first start holds a lock and opens a door, later ones knock.

The lock decides who is first (it lies beside the settings, and one left by a crash is known by its process); the door,
a local socket for this user alone, only carries words.
"""

from __future__ import annotations

import hashlib
import logging
import os
import platform
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QDir, QLockFile, QObject, QTimer, Signal
from PySide6.QtNetwork import QLocalServer, QLocalSocket

from app.start_request import (
    MOST_BYTES,
    Answer,
    StartRequest,
    answer_in,
    answer_line,
    request_in,
    request_line,
)
from engine.clock import now_ns
from engine.errors import RecordingError

log = logging.getLogger(__name__)

PATIENCE_S = 10.0  # a window may still be opening, or closing
MARGIN_S = 1.0  # a request is void so long before its sender gives up: what is refused to it never happens later
LOOK_AGAIN_MS = 100
CALLER_MAY_TAKE_MS = 2000
SILENT = RecordingError(
    "Steadyscope is running already, but its window does not answer.", "Close it, or end it, and start again."
)

Receive = Callable[[StartRequest], Answer]


def enter(settings: Path, request: StartRequest, patience_s: float = PATIENCE_S) -> Door | Answer:
    """The door of what is the only window now, or what the running one answered. Needs a QCoreApplication.

    Raises RecordingError when a window runs and stays silent: a second one beside it may show another patient.
    """
    name = name_for(settings)
    deadline_ns = now_ns() + round(patience_s * 1e9)
    request = replace(request, expires_ns=deadline_ns - round(min(MARGIN_S, patience_s / 2) * 1e9))
    lock = QLockFile(str(settings.absolute().with_name(f"{settings.stem}.{name}.lock")))
    lock.setStaleLockTime(0)  # only the end of its process makes a lock stale, not its age
    try:
        settings.absolute().parent.mkdir(parents=True, exist_ok=True)
    except OSError:
        log.warning("no folder for the lock of the window")
    while True:
        if lock.tryLock(0):
            return Door(name, lock)
        if lock.error() is not QLockFile.LockError.LockFailedError:  # a read-only home must not keep the picture away
            log.warning("the window cannot be locked: %s", lock.error().name)
            return Door(name, None)
        answer = knock(name, request, deadline_ns)
        if answer is not None:
            return answer
        if now_ns() >= deadline_ns:
            raise SILENT
        time.sleep(LOOK_AGAIN_MS / 1000)


def name_for(settings: Path) -> str:
    """The same for each start of this user on this machine with these settings; says nothing about them."""
    place = os.path.normcase(settings.resolve())
    return "steadyscope-" + hashlib.sha256(f"{platform.node()}\n{place}".encode()).hexdigest()[:24]


def knock(name: str, request: StartRequest, deadline_ns: int) -> Answer | None:
    """Ask the running window; None when nobody opens, or the window closed before it answered.

    Raises RecordingError for an answer that cannot be understood.
    """
    if not _is_ours(name):
        return None
    socket = QLocalSocket()
    socket.connectToServer(name)
    if not socket.waitForConnected(LOOK_AGAIN_MS):
        return None
    _let_come_forward()
    socket.write(request_line(request))
    socket.flush()
    heard = b""
    while b"\n" not in heard and now_ns() < deadline_ns and len(heard) <= MOST_BYTES:
        if socket.waitForReadyRead(LOOK_AGAIN_MS):
            heard += bytes(socket.readAll().data())
        elif socket.state() is not QLocalSocket.LocalSocketState.ConnectedState:
            break
    socket.abort()
    return answer_in(heard) if heard.endswith(b"\n") else None


class Door(QObject):
    """Takes one request from each caller and sends it away with an answer; nothing in it waits."""

    misunderstood = Signal(str)  # what was wrong with a request that was refused unread

    def __init__(self, name: str, lock: QLockFile | None) -> None:
        """`lock` is held; without one, nobody can be told from the first, and nobody is let in."""
        super().__init__()
        self._lock = lock
        self._receive: Receive | None = None
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self.is_open = False
        if lock is not None:
            QLocalServer.removeServer(name)  # left by a crash: who holds the lock is alone
            self.is_open = self._server.listen(name)
            if not self.is_open:
                log.warning("the window has no door: %s", self._server.errorString())

    def serve(self, receive: Receive) -> None:
        """Answer from now on, those who wait already included. `receive` runs on this thread and must not wait."""
        self._receive = receive
        self._server.newConnection.connect(self._let_in)
        self._let_in()

    def shut(self) -> None:
        """Let nobody in any more; the lock stays until `leave`."""
        self._receive = None
        self._server.close()
        self.is_open = False

    def leave(self) -> None:
        """Camera and session are let go: another window may open."""
        self.shut()
        if self._lock is not None:
            self._lock.unlock()

    def answer(self, line: bytes) -> Answer | None:
        """What a caller hears; None once shut."""
        if self._receive is None:
            return None
        try:
            request = request_in(line, now_ns())
        except RecordingError as error:
            log.warning("a start request was refused: %s", error.sentence)
            self.misunderstood.emit(error.sentence)
            return Answer(False, error.sentence, error.remedy)
        return self._receive(request)

    def _let_in(self) -> None:
        while self._server.hasPendingConnections():
            _Caller(self._server.nextPendingConnection(), self)


class _Caller(QObject):
    """One connection: heard until its line ends, it grows too long or its time is over."""

    def __init__(self, socket: QLocalSocket, door: Door) -> None:
        super().__init__(socket)
        self._socket, self._door = socket, door
        self._heard = b""
        self._is_answered = False
        socket.setReadBufferSize(MOST_BYTES + 1)
        socket.disconnected.connect(socket.deleteLater)
        socket.readyRead.connect(self._listen)
        QTimer.singleShot(CALLER_MAY_TAKE_MS, self, socket.abort)
        self._listen()

    def _listen(self) -> None:
        self._heard += bytes(self._socket.readAll().data())
        if self._is_answered or (b"\n" not in self._heard and len(self._heard) <= MOST_BYTES):
            return
        self._is_answered = True
        answer = self._door.answer(self._heard)
        if answer is not None:
            self._socket.write(answer_line(answer))
        self._socket.disconnectFromServer()  # once it is written


def _is_ours(name: str) -> bool:
    """Never tell a patient to a stranger who took the socket's name. Windows has its own guard on pipes."""
    if sys.platform == "win32":
        return True
    try:
        return Path(QDir.tempPath(), name).stat().st_uid == os.getuid()
    except OSError:
        return False


def _let_come_forward() -> None:
    """Windows lets a window take the foreground only if the program that was just started gives it away."""
    if sys.platform == "win32":
        import ctypes

        ctypes.windll.user32.AllowSetForegroundWindow(-1)
