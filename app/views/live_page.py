"""The live page: the stage, with banner and control bar laid over it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.theme import Theme
from app.views.bars import Banner
from app.views.control_bar import BarItem, ControlBar
from app.views.stage import Stage


class LivePage(QWidget):
    """Arranges what belongs to the live page; shows no value itself."""

    def __init__(self, theme: Theme, controls: Sequence[Sequence[BarItem]], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.stage = Stage(theme, self)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.stage)
        self.banner = Banner(theme, self.stage)
        self.controls = ControlBar(theme, controls, self.stage)
        self.stage.arranged.connect(self.settle)
        self.stage.touched.connect(self.controls.summon)
        theme.changed.connect(self.settle)

    def show_banner(self, text: str, job: str = "caution") -> None:
        """Show the strip at the top of the stage; an empty text hides it."""
        self.banner.show_banner(text, job)
        self.settle()

    def settle(self) -> None:
        """Lay banner and controls where they belong."""
        self.banner.setGeometry(0, 0, self.stage.width(), self.banner.height())
        self.stage.set_top_inset(0 if self.banner.isHidden() else self.banner.height())
        self.controls.settle()
        was_in_the_way = self.controls.is_in_the_way
        self.controls.is_in_the_way = self.stage.covers_picture(self.controls.geometry())
        if was_in_the_way or self.controls.is_in_the_way:
            self.controls.summon()
