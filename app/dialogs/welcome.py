"""The first start explains itself: what the three views are, what the marks mean, which keys matter."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from app.dialogs.sheet import Sheet
from app.theme import Theme
from app.views.chip import Chip, ChipView


class WelcomeDialog(Sheet):
    """Shown once; F1 says all this again, and more."""

    source_requested = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None) -> None:
        super().__init__(
            theme,
            self.tr("Welcome to Steadyscope"),
            self.tr(
                "One camera, three live views: raw as it comes, enhanced by the network, stabilized on the tooth. "
                "It is a visual aid; work by what you see directly."
            ),
            parent,
        )
        self.setMinimumWidth(theme.px(720))
        grid = QGridLayout()
        grid.setHorizontalSpacing(theme.px(24))
        grid.setVerticalSpacing(theme.px(8))
        grid.setColumnStretch(1, 1)
        for line, (chip, text) in enumerate(self._lines()):
            view = ChipView(theme)
            view.set_height(theme.px(40))
            view.show_chip(chip)
            view.setFixedSize(view.sizeHint())
            grid.addWidget(view, line, 0)
            words = QLabel(text)
            words.setWordWrap(True)
            grid.addWidget(words, line, 1)
        self.body.addLayout(grid)
        keys = QLabel(
            self.tr("Keys 1 to 5 choose the views, Space compares with raw, F freezes, B bypasses, F1 lists all keys.")
        )
        keys.setWordWrap(True)
        keys.setContentsMargins(0, theme.px(16), 0, 0)
        self.body.addWidget(keys)
        choose = self.add_button(self.tr("Choose a camera…"))
        choose.clicked.connect(self._choose)
        start = self.add_button(self.tr("Begin"), is_primary=True)
        start.clicked.connect(self.accept)

    def _lines(self) -> tuple[tuple[Chip, str], ...]:
        return (
            (Chip.LIVE, self.tr("The picture is fresh. Nothing older than half a second is ever shown as live.")),
            (Chip.LOCKED, self.tr("The stabilized view holds the tooth. Tap a tooth in any view to hold that one.")),
            (Chip.COASTING, self.tr("The tooth is hidden for a moment (water, spray); the view waits.")),
            (Chip.BYPASS, self.tr("The engine is late or off: you see the raw picture.")),
            (Chip.FROZEN, self.tr("You froze the picture. It is not live.")),
            (Chip.NO_LIVE_IMAGE, self.tr("No fresh picture comes. Do not work by what is shown.")),
        )

    def _choose(self) -> None:
        self.accept()
        self.source_requested.emit()
