"""Which network runs on what; builds a GPU engine with progress and cancel."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QProgressBar,
    QPushButton,
    QWidget,
)

from app.dialogs.sheet import Sheet
from app.theme import Theme


@dataclass(frozen=True, slots=True)
class ListedEngine:
    """One back end or network to choose."""

    name: str
    detail: str  # what it runs as, or why it does not
    is_usable: bool


class EngineDialog(Sheet):
    """One tap chooses; the raw picture covers while the engine changes."""

    backend_chosen = Signal(str)
    model_chosen = Signal(str)
    build_requested = Signal(str)  # architecture; "" for this machine's GPU
    cancel_requested = Signal()

    def __init__(self, theme: Theme, architectures: Sequence[str], parent: QWidget | None) -> None:
        super().__init__(
            theme,
            self.tr("Choose an engine"),
            self.tr("Each back end is tried on a small picture. While the engine changes, the raw picture is shown."),
            parent,
        )
        self.set_size(880, 720)
        self.models = QComboBox()
        self.models.setAccessibleName(self.tr("Network"))
        self.models.activated.connect(self._take_model)
        row = QHBoxLayout()
        row.addWidget(QLabel(self.tr("Network")))
        row.addWidget(self.models, 1)
        self.body.addLayout(row)
        self.list = QListWidget()
        self.list.setIconSize(QSize(theme.px(24), theme.px(24)))
        self.list.setWordWrap(True)
        self.list.setSpacing(theme.px(2))
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setResizeMode(QListWidget.ResizeMode.Adjust)
        self.list.setAccessibleName(self.tr("Back ends"))
        self.list.itemClicked.connect(self._take_backend)
        self.list.itemActivated.connect(self._take_backend)
        self.body.addWidget(self.list, 1)
        self._add_build_row(architectures)
        self.add_close_button()
        self.show_backends(None, "auto")

    def show_models(self, models: Sequence[ListedEngine], chosen: str) -> None:
        """List the networks."""
        self.models.clear()
        for model in models:
            self.models.addItem(f"{model.name}   {model.detail}", model.name)
        self.models.setCurrentIndex(self.models.findData(chosen))
        self.models.setPlaceholderText(self.tr("The network '{name}' is not here").format(name=chosen))

    def show_backends(self, backends: Sequence[ListedEngine] | None, chosen: str) -> None:
        """List the back ends with what they can or why they cannot; None while they are being tried."""
        self.list.clear()
        automatic = ListedEngine("auto", self.tr("the fastest that is ready"), True)
        for backend in (automatic, *(backends or ())):
            mark = "check" if backend.name == chosen else "backend" if backend.is_usable else "lost"
            item = QListWidgetItem(self.theme.icon(mark), f"{backend.name}\n{backend.detail}", self.list)
            item.setData(Qt.ItemDataRole.UserRole, backend.name)
            item.setToolTip(backend.detail)
            if not backend.is_usable:
                item.setFlags(Qt.ItemFlag.NoItemFlags)
        if backends is None:
            item = QListWidgetItem(self.theme.icon("waiting"), self.tr("Trying the back ends…"), self.list)
            item.setFlags(Qt.ItemFlag.NoItemFlags)

    def show_build(self, share: float, phase: str) -> None:
        """Progress 0..1 of a build under way, and what is being done."""
        self._show_building(True)
        self.progress.setValue(round(share * 1000))
        self.build_state.setText(self.tr("Building: {share:.0f} %, {phase}").format(share=100 * share, phase=phase))

    def show_build_end(self, sentence: str) -> None:
        """The build is over, one way or the other."""
        self._show_building(False)
        self.build_state.setText(sentence)

    def _add_build_row(self, architectures: Sequence[str]) -> None:
        row = QHBoxLayout()
        row.setSpacing(self.theme.px(8))
        row.addWidget(QLabel(self.tr("TensorRT engine for")))
        self.architecture = QComboBox()
        self.architecture.setAccessibleName(self.tr("GPU architecture"))
        self.architecture.addItem(self.tr("this machine's GPU"), "")
        for name in architectures:
            self.architecture.addItem(name, name)
        row.addWidget(self.architecture, 1)
        self.build_button = QPushButton(self.tr("Build"))
        self.build_button.clicked.connect(self._request_build)
        row.addWidget(self.build_button)
        self.cancel_button = QPushButton(self.tr("Cancel the build"))
        self.cancel_button.clicked.connect(self.cancel_requested)
        row.addWidget(self.cancel_button)
        self.body.addLayout(row)
        self.progress = QProgressBar()
        self.progress.setRange(0, 1000)
        self.progress.setTextVisible(False)
        self.progress.setAccessibleName(self.tr("Progress of the build"))
        self.body.addWidget(self.progress)
        self.build_state = QLabel(
            self.tr("A build takes minutes and runs beside the picture; it is kept for next time.")
        )
        self.build_state.setProperty("role", "muted")
        self.build_state.setWordWrap(True)
        self.body.addWidget(self.build_state)
        self._show_building(False)

    def _show_building(self, is_building: bool) -> None:
        self.progress.setVisible(is_building)
        self.cancel_button.setVisible(is_building)
        self.build_button.setEnabled(not is_building)

    def _request_build(self) -> None:
        self.build_requested.emit(str(self.architecture.currentData()))

    def _take_backend(self, item: QListWidgetItem) -> None:
        name = item.data(Qt.ItemDataRole.UserRole)
        if name:
            self.backend_chosen.emit(str(name))

    def _take_model(self) -> None:
        self.model_chosen.emit(str(self.models.currentData()))
