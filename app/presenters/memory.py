"""What the user switches is remembered, and what is remembered is switched at the start."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from app.actions import Actions
from app.preferences import Preferences
from app.presenters.arrangement import ArrangementPresenter
from app.strength import STRENGTHS, stabilizer_options, strength_index, strength_label
from app.theme import Theme
from app.views.notices import Notice
from app.views.orientation import Orientation
from app.views.stage import Layout
from app.window import MainWindow
from engine.session import Session
from engine.stabilization.options import StabilizerOptions

if TYPE_CHECKING:
    from engine.stabilization.stabilizer import Stabilizer


class MemoryPresenter(QObject):
    """Between actions and preferences, both ways; the session hears of what concerns the picture."""

    def __init__(
        self,
        window: MainWindow,
        actions: Actions,
        preferences: Preferences,
        arrangement: ArrangementPresenter,
        session: Session,
        theme: Theme,
    ) -> None:
        super().__init__(window)
        self._window = window
        self._actions = actions
        self._preferences = preferences
        self._arrangement = arrangement
        self._session = session
        self._theme = theme
        picture = preferences.settings.picture
        self._told = (picture.crop, picture.cutoff_hz)
        self._is_recalling = False
        self.recall()
        preferences.changed.connect(self.take)
        preferences.save_failed.connect(self._tell_failure)
        arrangement.layout_changed.connect(self._keep_layout)
        arrangement.orientation_changed.connect(self._keep_orientation)
        actions["strength"].triggered.connect(self.next_strength)
        for name in ("lock", "high_contrast", "tooth_overlay", "flow_overlay", "plots"):
            actions[name].toggled.connect(self._keep_switches)

    def recall(self) -> None:
        """Switch everything as it was; what is switched on the way is not a wish of the user's."""
        self._is_recalling = True
        look, picture = self._preferences.settings.look, self._preferences.settings.picture
        self._arrangement.show_layout(Layout(look.layout))
        self._arrangement.orient(self._remembered_orientation())
        self._actions["high_contrast"].setChecked(look.theme == "high_contrast")
        self._actions["tooth_overlay"].setChecked(look.shows_tooth_overlay)
        self._actions["flow_overlay"].setChecked(look.shows_flow_overlay)
        self._actions["plots"].setChecked(look.shows_plots)
        self._actions["lock"].setChecked(picture.stabilizer_mode == "lock")
        self._is_recalling = False

    def take(self, page: str) -> None:
        """A page of the settings changed: here, in the settings dialog, or by a reset."""
        settings = self._preferences.settings
        if page == "look":
            scale = settings.look.size_percent / 100 if settings.look.size_percent else self._theme.automatic_scale
            self._theme.switch(settings.look.theme, scale)
        if page in ("look", "picture"):
            self.recall()
        if page == "picture":
            self._steer()
        if page == "keys":
            self._actions.learn_all(settings.keys.shortcuts)

    def next_strength(self) -> None:
        """The next preset, round and round."""
        index = (strength_index(self._preferences.settings.picture) + 1) % len(STRENGTHS)
        chosen = STRENGTHS[index]
        self._preferences.change("picture", crop=chosen.crop, cutoff_hz=chosen.cutoff_hz)
        label = strength_label(self._preferences.settings.picture)
        self._window.tell(Notice(self.tr("Strength: {label}.").format(label=label), topic="strength"))

    def _steer(self) -> None:
        """Another strength needs another stabilizer; the mode goes by the action `lock`."""
        picture = self._preferences.settings.picture
        wanted = (picture.crop, picture.cutoff_hz)
        if wanted != self._told:
            self._told = wanted
            self._session.set_stabilizer(partial(make_stabilizer, stabilizer_options(picture)))

    def _remembered_orientation(self) -> Orientation:
        picture = self._preferences.settings.picture
        zoom = self._arrangement.orientation.zoom
        return Orientation(picture.is_mirrored, picture.rotation_deg // 90, zoom)

    def _keep_layout(self, layout: Layout) -> None:
        if not self._is_recalling:
            self._preferences.change("look", layout=layout.value)

    def _keep_orientation(self, orientation: Orientation) -> None:
        if self._is_recalling:
            return
        self._preferences.change(
            "picture", is_mirrored=orientation.is_mirrored, rotation_deg=orientation.quarter_turns * 90
        )

    def _keep_switches(self) -> None:
        if self._is_recalling:
            return
        checked = {name: self._actions[name].isChecked() for name in ("tooth_overlay", "flow_overlay", "plots")}
        self._preferences.change(
            "look",
            theme="high_contrast" if self._actions["high_contrast"].isChecked() else "dark",
            shows_tooth_overlay=checked["tooth_overlay"],
            shows_flow_overlay=checked["flow_overlay"],
            shows_plots=checked["plots"],
        )
        self._preferences.change("picture", stabilizer_mode="lock" if self._actions["lock"].isChecked() else "follow")

    def _tell_failure(self, sentence: str, remedy: str) -> None:
        self._window.tell(Notice(sentence, remedy, "caution", "settings"))


def make_stabilizer(options: StabilizerOptions) -> Stabilizer:
    """Called on the pipeline thread, where importing SciPy holds up no window."""
    from engine.stabilization.stabilizer import Stabilizer

    return Stabilizer(options)
