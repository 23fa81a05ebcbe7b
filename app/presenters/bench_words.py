"""The bench's words: what each step is called, what it asks for, and which of its figures are shown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QCoreApplication

from engine.calibration.bench import Bench, StepState

Facts = tuple[tuple[str, str], ...]


def _tr(text: str) -> str:
    return QCoreApplication.translate("Bench", text)


def title_of(step: str) -> str:
    """Of a step, in the user's language."""
    return {
        "source": _tr("Source"),
        "picture": _tr("Picture"),
        "lens": _tr("Lens"),
        "colour": _tr("Colour"),
        "vibration": _tr("Vibration"),
        "latency": _tr("Latency"),
    }[step]


def word_of(state: StepState) -> str:
    """Of a state, in the user's language."""
    return {
        StepState.TO_DO: _tr("to do"),
        StepState.RUNNING: _tr("running"),
        StepState.PASS: _tr("pass"),
        StepState.FAIL: _tr("fail"),
        StepState.SKIPPED: _tr("skipped"),
    }[state]


def explanation_of(step: str, board: str) -> str:
    """What the technician has to do."""
    return {
        "source": _tr(
            "Set the camera below, then count its frames: how many come, how regularly, and what unpacking them costs. "
            "Five seconds."
        ),
        "picture": _tr(
            "Point the camera at a sharp, evenly lit surface with no instrument in view, and focus. Then start: hold "
            "still, then move slowly. Exposure, noise, flicker and dust are judged."
        ),
        "lens": _tr("Show the printed sheet {board} from all sides until the four bars are full.").format(board=board),
        "colour": _tr(
            "Fill the picture with a 24-patch colour chart, evenly lit. Lower the exposure until no white is clipped. "
            "If the chart is not found, tap the outer corners of its four corner patches."
        ),
        "vibration": _tr("Hold the handpiece over a fixed target for twelve seconds, the rotor running."),
        "latency": _tr(
            "Point the camera at the screen: a patch flashes 400 times, its phase stepped against the frames."
        ),
    }[step]


def hint_of(text: str) -> str:
    """What a step says while it runs. A sentence of a refusal stays in English, as everywhere."""
    return _tr(text) if text else ""


def translated(word: str) -> str:
    """A bar's or figure's name that a step gives."""
    return _tr(word) if word else ""


def control_title(name: str) -> str:
    """Of a camera control."""
    return {
        "auto_exposure": _tr("Automatic exposure"),
        "auto_white_balance": _tr("Automatic white balance"),
        "auto_focus": _tr("Automatic focus"),
        "exposure": _tr("Exposure"),
        "gain": _tr("Gain"),
        "white_balance_k": _tr("White balance (K)"),
        "focus": _tr("Focus"),
        "zoom": _tr("Zoom"),
        "brightness": _tr("Brightness"),
        "contrast": _tr("Contrast"),
        "saturation": _tr("Saturation"),
        "sharpness": _tr("Sharpness"),
        "gamma": _tr("Gamma"),
        "backlight": _tr("Backlight compensation"),
    }.get(name, name)


def control_note(*, has_camera: bool, has_ranges: bool) -> str:
    """Why there is less to turn than one might look for."""
    if not has_camera:
        return _tr("This source has no controls of its own. A camera's stand here.")
    if has_ranges:
        return _tr("This system does not tell a control's range. Type a value: the camera shows what it took.")
    return _tr("This camera has no controls, or its driver does not tell them.")


def identity_facts(bench: Bench) -> Facts:
    """Which camera this bench is for."""
    if not bench.identity:
        return ()
    width, height = bench.image_size
    return (
        (_tr("camera"), f"{bench.name}, {width} x {height}"),
        (_tr("identity"), bench.identity),
    )


def facts_of(step: str, result: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """The figures of a finished step; nothing before."""
    if not result or result.get("verdict") == "skipped":
        return ()
    makers = {
        "source": _source,
        "picture": _picture,
        "lens": _lens,
        "colour": _colour,
        "vibration": _vibration,
        "latency": _latency,
    }
    return makers[step](result)


def _source(one: Mapping[str, Any]) -> Facts:
    missed = _tr("{count} missed").format(count=one["missed"])
    facts = [
        (_tr("delivered"), f"{one['fps']:.2f} fps, ± {one['jitter_ms']:.2f} ms"),
        (_tr("longest gap"), f"{one['worst_ms']:.1f} ms, {missed}"),
    ]
    if one.get("decode_ms"):
        share = _tr("{share} of a frame's time").format(share=f"{one['decode_ms'] * one['fps'] / 10:.0f} %")
        facts.append((_tr("unpacking"), f"{one['decode_ms']:.1f} ms, {share}"))
    if one.get("decode_costs_ms"):
        costs = ", ".join(f"{name} {cost:.1f}" for name, cost in one["decode_costs_ms"].items())
        facts.append((_tr("it costs (ms)"), costs))
    return tuple(facts)


def _picture(one: Mapping[str, Any]) -> Facts:
    mains = one["flicker"]["mains_hz"]
    return (
        (_tr("clipped"), f"{100 * one['clipped_bright']:.1f} % / {100 * one['clipped_dark']:.1f} %"),
        (_tr("noise"), f"{one['noise_levels']:.1f} levels"),
        (_tr("flicker"), f"{100 * one['flicker']['amplitude']:.2f} %" + (f", {mains:.0f} Hz" if mains else "")),
        (_tr("dead pixels"), str(len(one["dead_pixels"]))),
        (_tr("dust"), str(len(one["dust"]))),
    )


def _lens(one: Mapping[str, Any]) -> Facts:
    matrix = one["camera_matrix"]
    spread = one.get("standard_deviations") or ()
    sure = f" ± {max(spread[:2]):.1f}" if spread else ""
    return (
        (_tr("model"), str(one["model"])),
        (_tr("RMS"), f"{one['rms_px']:.3f} px"),
        (_tr("unseen views"), f"{one['holdout_rms_px']:.3f} px"),
        (_tr("focal length"), f"{matrix[0]:.1f}, {matrix[4]:.1f}{sure} px"),
        (_tr("optical centre"), f"{matrix[2]:.1f}, {matrix[5]:.1f} px"),
        (_tr("views"), _tr("{used} used, {left} left out").format(used=one["accepted"], left=one["rejected"])),
        (_tr("scale"), f"{1000 * one['mm_per_px']:.1f} µm/px"),
    )


def _colour(one: Mapping[str, Any]) -> Facts:
    rows = (("before", "delta_e_before"), ("after", "delta_e_after"), ("left out", "delta_e_left_out"))
    facts = [(f"ΔE {_tr(word)}", f"{one[key]['mean']:.1f}, max {one[key]['max']:.1f}") for word, key in rows]
    for word, key in (
        (_tr("overexposed"), "overexposed_patches"),
        (_tr("underexposed"), "underexposed_patches"),
        (_tr("cut off at black"), "crushed_patches"),
    ):
        if one.get(key):
            facts.append((word, _tr("patch {patches}").format(patches=", ".join(str(number) for number in one[key]))))
    return tuple(facts)


def _vibration(one: Mapping[str, Any]) -> Facts:
    scale = one["um_per_px"]
    rows: list[tuple[str, str]] = []
    for word, key in ((_tr("tremor raw"), "raw"), (_tr("stabilized"), "stabilized")):
        if one[key]:
            rms = one[key]["tremor_rms_px"]
            rows.append((word, f"{rms:.2f} px" + (f" = {rms * scale:.0f} µm" if scale else "")))
    peaks = ", ".join(f"{peak['hz']:.1f} Hz" for peak in one["raw"]["peaks"][:3])
    rows.append((_tr("lines"), peaks or _tr("none")))
    return tuple(rows)


def _latency(one: Mapping[str, Any]) -> Facts:
    parts = one["parts_ms"]
    shares = ((word, parts.get(word)) for word in ("screen", "sampling", "camera", "software"))
    return (
        (_tr("median"), f"{one['median_ms']:.1f} ms"),
        ("p95, p99", f"{one['p95_ms']:.1f}, {one['p99_ms']:.1f} ms"),
        (_tr("trials"), str(one["trials"])),
        *((_tr(word), f"{share:.1f} ms") for word, share in shares if share),
    )
