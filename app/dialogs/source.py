"""Where the picture comes from: the demo, a camera, a file, a stream."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QLineEdit, QListWidget, QListWidgetItem, QPushButton, QWidget

from app.dialogs.sheet import Sheet
from app.sources import SourceChoice, SourceKind
from app.theme import Theme

STREAM_SCHEMES = ("rtsp://", "rtsps://", "http://", "https://", "udp://")
VIDEO_FILES = "*.mp4 *.mkv *.mov *.avi *.ts *.webm *.m4v *.mpg"


@dataclass(frozen=True, slots=True)
class ListedCamera:
    """One camera to choose."""

    identity: str
    name: str


class SourceDialog(Sheet):
    """One tap on a line chooses it."""

    chosen = Signal(object)  # SourceChoice
    refresh_requested = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None) -> None:
        super().__init__(
            theme,
            self.tr("Choose a source"),
            self.tr("Cameras are listed without being opened. The picture changes as soon as you choose."),
            parent,
        )
        self.set_size(640, 520)
        self.list = QListWidget()
        self.list.setIconSize(QSize(theme.px(24), theme.px(24)))
        self.list.setAccessibleName(self.tr("Sources"))
        self.list.itemClicked.connect(self._take_item)
        self.list.itemActivated.connect(self._take_item)
        self.body.addWidget(self.list, 1)
        stream = QHBoxLayout()
        self.url = QLineEdit()
        self.url.setPlaceholderText(self.tr("rtsp:// or http:// or udp:// address of a stream"))
        self.url.setAccessibleName(self.tr("Address of a stream"))
        self.url.textChanged.connect(self._judge_url)
        self.url.returnPressed.connect(self._take_url)
        stream.addWidget(self.url, 1)
        self.connect_button = QPushButton(self.tr("Connect"))
        self.connect_button.setEnabled(False)
        self.connect_button.clicked.connect(self._take_url)
        stream.addWidget(self.connect_button)
        self.body.addLayout(stream)
        file_button = self.add_button(self.tr("Open a file…"))
        file_button.clicked.connect(self._take_file)
        refresh = self.add_button(self.tr("Look again"))
        refresh.clicked.connect(self.refresh_requested)
        self.add_close_button()
        self.show_cameras(None)

    def show_cameras(self, cameras: Sequence[ListedCamera] | None) -> None:
        """List the cameras; None while they are being looked for."""
        self.list.clear()
        self._add(self.tr("Demo: a handpiece camera in a painted mouth"), "demo", SourceChoice())
        for camera in cameras or ():
            self._add(f"{camera.name}   {camera.identity}", "camera", SourceChoice(SourceKind.CAMERA, camera.identity))
        if not cameras:
            looking = self.tr("Looking for cameras…")
            none = self.tr("No camera is plugged in. Check the cable, then look again.")
            item = self._add(looking if cameras is None else none, "info", None)
            item.setFlags(Qt.ItemFlag.NoItemFlags)

    def _add(self, text: str, icon: str, choice: SourceChoice | None) -> QListWidgetItem:
        item = QListWidgetItem(self.theme.icon(icon), text, self.list)
        item.setData(Qt.ItemDataRole.UserRole, choice)
        return item

    def _take_item(self, item: QListWidgetItem) -> None:
        choice = item.data(Qt.ItemDataRole.UserRole)
        if choice is not None:
            self._take(choice)

    def _take_url(self) -> None:
        if self.connect_button.isEnabled():
            self._take(SourceChoice(SourceKind.URL, self.url.text().strip()))

    def _take_file(self) -> None:
        path, _ = QFileDialog.getOpenFileName(
            self, self.tr("Open a video"), "", f"{self.tr('Videos')} ({VIDEO_FILES});;{self.tr('All files')} (*)"
        )
        if path:
            self._take(SourceChoice(SourceKind.FILE, path))

    def _take(self, choice: SourceChoice) -> None:
        self.chosen.emit(choice)
        self.accept()

    def _judge_url(self, text: str) -> None:
        self.connect_button.setEnabled(text.strip().lower().startswith(STREAM_SCHEMES) and len(text.strip()) > 8)
