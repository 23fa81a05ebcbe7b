"""Where the picture comes from: the demo, a camera, a file, a stream."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from PySide6.QtCore import QCoreApplication, QSize, Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFileDialog,
    QHBoxLayout,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QSpinBox,
    QWidget,
)

from app.dialogs.sheet import Sheet
from app.sources import DEFAULT_SEED, SourceChoice, SourceKind, format_of
from app.theme import Theme

STREAM_SCHEMES = ("rtsp://", "rtsps://", "http://", "https://", "udp://")
VIDEO_FILES = "*.mp4 *.mkv *.mov *.avi *.ts *.webm *.m4v *.mpg"


@dataclass(frozen=True, slots=True)
class ListedCamera:
    """One camera to choose."""

    identity: str
    name: str
    formats: tuple[str, ...] = ()  # that it offers, as app.sources.format_of reads them, largest first


class CameraOptions(QWidget):
    """Beside a camera's line: the format to open it in."""

    def __init__(self, theme: Theme, formats: Sequence[str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.formats = QComboBox()
        self.formats.setAccessibleName(self.tr("Format"))
        self.formats.addItem(self.tr("Its usual format"), "")
        for text in formats:
            self.formats.addItem(spoken_format(text), text)
        row = _at_the_right(self, theme)
        row.addWidget(self.formats)

    def applied_to(self, choice: SourceChoice) -> SourceChoice:
        """The choice in the chosen format."""
        return replace(choice, format=self.formats.currentData())


class DemoOptions(QWidget):
    """Beside the demo's line: what it shows, and which mouth."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.scenes = QComboBox()
        self.scenes.setAccessibleName(self.tr("What the demo shows"))
        words = {
            "": self.tr("As usual"),
            "calm": self.tr("Calm and dry"),
            "hard": self.tr("Spray, drops and noise"),
            "jump": self.tr("The hand slips"),
            "walk": self.tr("Along the teeth"),
            "low_light": self.tr("Little light"),
        }
        for scene, text in words.items():
            self.scenes.addItem(text, scene)
        self.seed = QSpinBox()
        self.seed.setRange(0, 9999)
        self.seed.setValue(int(DEFAULT_SEED))
        self.seed.setPrefix(self.tr("Mouth") + " ")
        self.seed.setAccessibleName(self.tr("Which mouth the demo paints"))
        self.seed.setFixedWidth(theme.px(136))
        self.scenes.setFixedWidth(theme.px(224))
        row = _at_the_right(self, theme)
        row.addWidget(self.scenes)
        row.addWidget(self.seed)

    def applied_to(self, choice: SourceChoice) -> SourceChoice:
        """The choice with this scene and mouth."""
        seed = str(self.seed.value())
        return replace(choice, scene=self.scenes.currentData(), name="" if seed == DEFAULT_SEED else seed)


def _at_the_right(widget: QWidget, theme: Theme) -> QHBoxLayout:
    """A row that leaves the line's own text free."""
    row = QHBoxLayout(widget)
    row.setContentsMargins(0, theme.px(4), theme.px(8), theme.px(4))
    row.setSpacing(theme.px(8))
    row.addStretch(1)
    return row


def spoken_format(text: str) -> str:
    """A format for people: "1280 x 720, 30 fps, MJPG"."""
    wish = format_of(text)
    rate = QCoreApplication.translate("CameraOptions", "{rate} fps").format(rate=f"{wish.fps:g}") if wish.fps else ""
    return ", ".join(part for part in (f"{wish.width} × {wish.height}", rate, wish.fourcc) if part)


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
        self.set_size(880, 520)
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
        self.repeats = QCheckBox(self.tr("Repeat the file"))
        self.buttons.addWidget(self.repeats)
        self.file_button = self.add_button(self.tr("Open a file…"))
        self.file_button.clicked.connect(self._take_file)
        refresh = self.add_button(self.tr("Look again"))
        refresh.clicked.connect(self.refresh_requested)
        self.add_close_button()
        self.show_cameras(None)

    def show_cameras(self, cameras: Sequence[ListedCamera] | None) -> None:
        """List the cameras; None while they are being looked for."""
        self.list.clear()
        demo = self._add(self.tr("Demo: a handpiece camera in a painted mouth"), "demo", SourceChoice())
        self._lay_beside(demo, DemoOptions(self.theme))
        for camera in cameras or ():
            choice = SourceChoice(SourceKind.CAMERA, camera.identity)
            item = self._add(f"{camera.name}   {camera.identity}", "camera", choice)
            if camera.formats:
                self._lay_beside(item, CameraOptions(self.theme, camera.formats))
        if not cameras:
            looking = self.tr("Looking for cameras…")
            none = self.tr("No camera is plugged in. Check the cable, then look again.")
            item = self._add(looking if cameras is None else none, "info", None)
            item.setFlags(Qt.ItemFlag.NoItemFlags)

    def _add(self, text: str, icon: str, choice: SourceChoice | None) -> QListWidgetItem:
        item = QListWidgetItem(self.theme.icon(icon), text, self.list)
        item.setData(Qt.ItemDataRole.UserRole, choice)
        return item

    def _lay_beside(self, item: QListWidgetItem, options: CameraOptions | DemoOptions) -> None:
        """Options on the right of a line; a tap on the rest of it still chooses it."""
        self.list.setItemWidget(item, options)
        item.setSizeHint(options.sizeHint())

    def _take_item(self, item: QListWidgetItem) -> None:
        choice = item.data(Qt.ItemDataRole.UserRole)
        options = self.list.itemWidget(item)
        if isinstance(options, CameraOptions | DemoOptions):
            choice = options.applied_to(choice)
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
            self._take(SourceChoice(SourceKind.FILE, path, is_looped=self.repeats.isChecked()))

    def _take(self, choice: SourceChoice) -> None:
        self.chosen.emit(choice)
        self.accept()

    def _judge_url(self, text: str) -> None:
        self.connect_button.setEnabled(text.strip().lower().startswith(STREAM_SCHEMES) and len(text.strip()) > 8)
