"""From values to what is said: which chip, veil and words stand on a view, and what the health bar reads."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication

from app.views.chip import Chip
from app.views.health_bar import Reading
from app.views.surface import Veil
from engine.run import ENGINE_LOADING
from engine.values import Health, Liveness, Mode, StabilizedFrame, Tracking

translate = QCoreApplication.translate  # under this name lupdate finds the texts

LATENCY_GOOD_MS = 60.0
LATENCY_LATE_MS = 100.0
TRACKING_CHIPS = {
    Tracking.TRACKING: Chip.LOCKED,
    Tracking.COASTING: Chip.COASTING,
    Tracking.LOST: Chip.LOST,
    Tracking.REANCHORING: Chip.REANCHORING,
}
LIVENESS_CHIPS = {
    Liveness.WAITING: Chip.WAITING,
    Liveness.STALE: Chip.LATE,
    Liveness.NO_LIVE_IMAGE: Chip.NO_LIVE_IMAGE,
}
LIVENESS_VEILS = {
    Liveness.WAITING: Veil.EMPTY,
    Liveness.LIVE: Veil.CLEAR,
    Liveness.STALE: Veil.LATE,
    Liveness.NO_LIVE_IMAGE: Veil.NO_LIVE,
}


@dataclass(frozen=True, slots=True)
class Standing:
    """What holds whatever the engine says of a frame: what the user has switched, and whether a file has ended."""

    is_frozen: bool = False
    is_comparing: bool = False
    has_ended: bool = False
    is_engine_off: bool = False


def raw_chip(liveness: Liveness, standing: Standing) -> Chip:
    """The chip of the raw view."""
    if standing.is_frozen:
        return Chip.FROZEN
    if standing.has_ended:
        return Chip.ENDED
    return LIVENESS_CHIPS.get(liveness, Chip.LIVE)


def output_chip(liveness: Liveness, output: StabilizedFrame | None, standing: Standing, is_stabilized: bool) -> Chip:
    """The chip of the enhanced or the stabilized view."""
    if standing.is_frozen or standing.has_ended:
        return raw_chip(liveness, standing)
    if liveness is not Liveness.LIVE or output is None:
        return LIVENESS_CHIPS.get(liveness, Chip.WAITING)
    if standing.is_comparing:
        return Chip.COMPARING
    if output.mode is Mode.PASSTHROUGH or standing.is_engine_off:
        return Chip.OFF if standing.is_engine_off else Chip.BYPASS
    return TRACKING_CHIPS[output.tracking] if is_stabilized else Chip.ENHANCED


def veil_of(liveness: Liveness, standing: Standing, age_ms: int) -> tuple[Veil, str]:
    """The veil of a view, and the words on it."""
    if standing.is_frozen:
        return Veil.FROZEN, ""
    if standing.has_ended:
        return Veil.CLEAR, ""
    veil = LIVENESS_VEILS[liveness]
    if veil is Veil.NO_LIVE:
        seconds = (
            translate("Verdicts", "last picture {seconds:.1f} s ago").format(seconds=age_ms / 1000) if age_ms else ""
        )
        return veil, f"{translate('Verdicts', 'NO LIVE IMAGE')}\n{seconds}".rstrip()
    return veil, translate("Verdicts", "Waiting for the first picture") if veil is Veil.EMPTY else ""


def banner_of(liveness: Liveness, standing: Standing, health: Health | None) -> tuple[str, str]:
    """The words of the strip and the job of its colour; empty when all is well."""
    if standing.is_frozen and liveness is Liveness.NO_LIVE_IMAGE:
        return translate("Verdicts", "FROZEN, and the live picture is lost"), "alarm"
    if standing.is_frozen:
        return translate("Verdicts", "FROZEN: this is not the live picture"), "frozen"
    if standing.has_ended:
        return "", "muted"
    if liveness is Liveness.NO_LIVE_IMAGE:
        return translate("Verdicts", "NO LIVE IMAGE: do not work by this picture"), "alarm"
    if health is not None and health.reason and liveness is not Liveness.WAITING:
        return translate("Verdicts", "BYPASS: the raw picture is shown, {reason}").format(
            reason=health.reason
        ), "caution"
    return "", "caution"


def rate_reading(rate_hz: float, nominal_hz: float) -> Reading:
    """Frames a second, judged by what the source promised."""
    job = "good" if nominal_hz <= 0 or rate_hz >= 0.9 * nominal_hz else "caution"
    return Reading(f"{rate_hz:.1f} fps", job if rate_hz > 0 else "muted")


def latency_reading(health: Health) -> Reading:
    """Median and 95th percentile in milliseconds."""
    p50, p95 = health.latency_ms.p50, health.latency_ms.p95
    if p50 <= 0:
        return Reading("— · — ms", "muted")
    job = "good" if p95 <= LATENCY_GOOD_MS else "caution" if p95 <= LATENCY_LATE_MS else "alarm"
    return Reading(f"{p50:.0f} · {p95:.0f} ms", job)


def lost_frames(health: Health) -> int:
    """Frames lost before the pipeline or a recorder; a view that skips a frame loses nothing."""
    return sum(count for name, count in health.dropped.items() if not name.endswith("_view"))


def drop_reading(lost: int, is_growing: bool) -> Reading:
    """All that were lost since the start; amber only while more are being lost, or nobody would look any more."""
    return Reading(str(lost), "caution" if is_growing else "good")


def tracking_reading(output: StabilizedFrame | None, liveness: Liveness) -> Reading:
    """Tracking in a word; nothing is said of a picture that is not live."""
    if output is None or output.mode is Mode.PASSTHROUGH or liveness is not Liveness.LIVE:
        return Reading("—", "muted")
    words = {
        Tracking.TRACKING: Reading(translate("Verdicts", "Locked")),
        Tracking.COASTING: Reading(translate("Verdicts", "Coasting"), "caution"),
        Tracking.LOST: Reading(translate("Verdicts", "Lost"), "alarm"),
        Tracking.REANCHORING: Reading(translate("Verdicts", "Re-anchor"), "caution"),
    }
    return words[output.tracking]


def backend_reading(health: Health) -> Reading:
    """Backend and model; amber when the raw picture is shown in its stead."""
    name = " · ".join(part for part in (health.model, health.backend) if part)
    if name:
        return Reading(name, "caution" if health.reason else "good")
    if health.reason in ("", ENGINE_LOADING):
        return Reading(translate("Verdicts", "loading"), "muted")
    return Reading(translate("Verdicts", "none"), "alarm")
