"""From the bench's state to what its page shows: rows, the chosen step's panel, marks on the picture."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QCoreApplication

from app.presenters.bench_words import explanation_of, facts_of, hint_of, identity_facts, title_of, translated, word_of
from app.views.bench_page import StepPanel
from app.views.bench_widgets import StepRow
from app.views.distribution import Spread
from engine.calibration.bench import Bench, StepState
from engine.calibration.profile import STEPS
from engine.calibration.steps import StepView

translate = QCoreApplication.translate  # under this name lupdate finds the texts

STRIPS = {
    "source": "spread",
    "picture": "meters",
    "colour": "meters",
    "vibration": "spectrogram",
    "latency": "spread",
}
WITH_CONTROLS = ("source", "picture", "colour")
WITHOUT_PROGRESS = ("colour",)  # a chart is read, or not
CAN_FINISH_EARLY = ("lens", "colour")
LATENCY_PARTS = ("screen", "sampling", "camera", "software")
Points = tuple[tuple[float, float], ...]


def rows_of(bench: Bench) -> list[StepRow]:
    """The list at the left."""
    states = {name: bench.state(name) for name in STEPS}
    return [
        StepRow(name, title_of(name), state.value, word_of(state), bench.reason(name)) for name, state in states.items()
    ]


def panel_of(bench: Bench, name: str, board: str, view: StepView | None) -> StepPanel:
    """The right side; `view` is what the running step or its meter says, if one runs."""
    is_running = bench.state(name) is StepState.RUNNING
    result = bench.results.get(name, {})
    has_result = bool(result) and not is_running
    hint, facts = sentence(bench.reason(name)), facts_of(name, result)
    if bench.state(name) is StepState.SKIPPED:
        hint = f"{word_of(StepState.SKIPPED).capitalize()}: {bench.reason(name)}"
    bars: tuple[tuple[str, float], ...] = ()
    if not has_result and view is not None:
        hint, facts = hint_of(view.hint), tuple((translated(word), value) for word, value in view.facts)
    if is_running:
        named = () if view is None or name in WITHOUT_PROGRESS else view.bars or (("progress", view.share),)
        bars = tuple((translated(word), share) for word, share in named)
        hint = hint if view is not None else ""
    if name == "source":
        facts = (*identity_facts(bench), *facts)
    following = next((step for step in bench.open_steps if step != name), "")
    is_done = has_result and bench.state(name) is not StepState.SKIPPED
    again, finish = translate("BenchPanel", "Do it again"), translate("BenchPanel", "Finish with what is there")
    return StepPanel(
        title=title_of(name),
        explanation=explanation_of(name, board),
        hint=hint,
        bars=bars,
        facts=facts,
        start_text="" if is_running else again if is_done else translate("BenchPanel", "Start"),
        finish_text=finish if is_running and name in CAN_FINISH_EARLY else "",
        next_text=translate("BenchPanel", "Next: {step}").format(step=title_of(following))
        if following and has_result
        else "",
        can_skip=not is_running and not result,
        can_preview=has_result and name in ("lens", "colour") and result.get("verdict") == "pass",
        has_controls=name in WITH_CONTROLS,
        strip=STRIPS.get(name, ""),
        has_failed=bench.state(name) is StepState.FAIL,
        is_done=has_result,
    )


def spread_of(name: str, result: Mapping[str, Any], view: StepView | None) -> Spread:
    """The intervals between frames, or the latency of every trial with its parts."""
    if name == "source":
        live = view.spread_ms if view is not None else ()
        return Spread(translate("BenchPanel", "Time between frames"), live or tuple(result.get("intervals_ms", ())))
    parts = result.get("parts_ms", {})
    shares = tuple((translated(key), float(parts[key])) for key in LATENCY_PARTS if parts.get(key))
    caption = translate("BenchPanel", "From the screen's flash to the frame in hand")
    return Spread(caption, tuple(result.get("samples_ms", ())), shares)


def sentence(reason: str) -> str:
    """A reason as it stands by itself."""
    return f"{reason[0].upper()}{reason[1:].rstrip('.')}." if reason else ""


def blemishes_of(bench: Bench) -> Points:
    """Dust and dead pixels found by the picture step, as shares of the picture's width and height."""
    result = bench.results.get("picture", {})
    width, height = bench.image_size
    spots = [*result.get("dust", ()), *result.get("dead_pixels", ())]
    return tuple((spot[0] / width, spot[1] / height) for spot in spots)


def sign_off_words(bench: Bench) -> str:
    """What the bench lacks before it can be signed."""
    missing = ", ".join(title_of(step) for step in bench.open_steps)
    if missing:
        return translate("BenchPanel", "Still open: {steps}.").format(steps=missing)
    failed = ", ".join(title_of(step) for step in STEPS if bench.state(step) is StepState.FAIL)
    if failed:
        words = translate("BenchPanel", "Failed: {steps}. A profile with a failed step is kept, but not used live.")
        return words.format(steps=failed)
    return translate("BenchPanel", "All steps are done or skipped.")
