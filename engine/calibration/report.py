"""A profile as one HTML page with plots, for the practice's files; it prints well."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import Any

import numpy as np

from engine.calibration.profile import Profile
from engine.errors import CalibrationError

WIDTH, HEIGHT = 720, 220
STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; color: #16202a; max-width: 54rem; margin: 2.5rem auto; padding: 0 1.5rem }
h1 { font-size: 1.7rem; margin: 0 } h2 { font-size: 1.15rem; margin: 2rem 0 .5rem } .quiet { color: #5a6672 }
table { border-collapse: collapse } th, td { text-align: left; padding: .25rem 1.6rem .25rem 0; vertical-align: top }
tr { border-bottom: 1px solid #dde3e8; break-inside: avoid } th { font-weight: 600 } svg { width: 100%; height: auto }
.pass { color: #137a4c; font-weight: 700 } .fail { color: #b3261e; font-weight: 700 } .skipped { color: #5a6672 }
"""
TITLES = {
    "source": "Source",
    "picture": "Picture",
    "lens": "Lens",
    "colour": "Colour",
    "vibration": "Vibration and motion",
    "latency": "Latency",
}
HIDDEN = {
    "verdict",
    "table",
    "samples_ms",
    "corners",
    "patches",
    "patches_before",
    "patches_left_out",
    "patch_names",
    "hz",
    "density_px2_per_hz",
    "accepted_views",
    "histogram",
    "intervals_ms",
}
NOT_DONE = {"verdict": "skipped", "reason": "not done"}
Series = tuple[str, str, Sequence[float], Sequence[float]]  # name, colour, x, y


def write_report(profile: Profile, path: Path) -> None:
    """Write `path` (UTF-8 HTML). Raises CalibrationError."""
    signed = "signed off" if profile.is_signed_off else "NOT signed off"
    parts = [
        "<!doctype html><html lang='en'><meta charset='utf-8'><title>Calibration report</title>",
        f"<style>{STYLE}</style><h1>Calibration of {escape(profile.name)}</h1>",
        f"<p class='quiet'>{escape(profile.identity)} · {profile.image_size[0]} x {profile.image_size[1]} pixels<br>",
        f"{escape(profile.made[:16].replace('T', ' '))} · {escape(profile.operator)} · {signed}</p>",
    ]
    try:
        parts += [_section(name, title, profile.steps.get(name, NOT_DONE)) for name, title in TITLES.items()]
    except (KeyError, IndexError, TypeError, ValueError) as error:
        raise CalibrationError(f"The profile's figures are incomplete ({error}).", "Calibrate again.") from error
    parts.append("</html>")
    try:
        path.write_text("\n".join(parts), encoding="utf-8")
    except OSError as error:
        raise CalibrationError(f"{path} cannot be written: {error.strerror}.", "Choose another folder.") from error


def _section(name: str, title: str, step: dict[str, Any]) -> str:
    verdict = escape(str(step.get("verdict", "skipped")))
    return (
        f"<h2>{title} <span class='{verdict}'>{verdict}</span></h2>"
        + _plot_of(name, step)
        + _table(step)
        + _patches(step)
    )


def _patches(step: dict[str, Any]) -> str:
    """Delta E 2000 of each patch of the colour chart; nothing of any other step."""
    if not step.get("patches_before"):
        return ""
    columns = (step[key] for key in ("patch_names", "patches_before", "patches", "patches_left_out"))
    rows = [
        f"<tr><td>{number}</td><td>{escape(str(name))}</td>"
        + "".join(f"<td>{float(value):.1f}</td>" for value in values)
        + "</tr>"
        for number, (name, *values) in enumerate(zip(*columns, strict=True), 1)
    ]
    head = "<tr><th>patch</th><th></th><th>Delta E before</th><th>after</th><th>left out</th></tr>"
    return f"<p></p><table>{head}{''.join(rows)}</table>"


def _table(step: dict[str, Any]) -> str:
    rows = []
    for key, value in step.items():
        if key in HIDDEN or (isinstance(value, dict) and HIDDEN & set(value)):
            continue
        rows.append(f"<tr><th>{escape(key.replace('_', ' '))}</th><td>{escape(_words(value))}</td></tr>")
    return f"<table>{''.join(rows)}</table>"


def _words(value: Any) -> str:
    if value is None or value == "":
        return "not known"
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, dict):
        return ", ".join(f"{key} {_words(one)}" for key, one in value.items())
    if isinstance(value, list):
        return "; ".join(_words(one) for one in value) or "none"
    return str(value)


def _plot_of(name: str, step: dict[str, Any]) -> str:
    if name == "lens" and step.get("accepted_views"):
        values = [float(one["rms_px"]) for one in step["accepted_views"]]
        return _bars(values, "RMS of each view (px)")
    if name == "colour" and step.get("patches"):
        return _bars([float(value) for value in step["patches"]], "Delta E 2000 of each patch, after")
    if name == "vibration" and step.get("raw"):
        series = [_spectrum_series("raw", "#8a94a0", step["raw"])]
        if step.get("stabilized"):
            series.append(_spectrum_series("stabilized", "#168a78", step["stabilized"]))
        return _lines(series, "Hz", "px per root Hz (log)")
    for key, what in (("intervals_ms", "frames by interval"), ("samples_ms", "trials by latency")):
        if step.get(key):
            counts, edges = np.histogram(step[key], bins=40)
            return _bars(counts.tolist(), f"{what}, {edges[0]:.1f} to {edges[-1]:.1f} ms")
    if name == "picture" and step.get("histogram"):
        colours = ("#c23b3b", "#2e8b57", "#2f6fc2")
        levels = list(range(256))
        return _lines(
            [
                (word, ink, levels, np.log10(1 + np.asarray(row)).tolist())
                for word, ink, row in zip(("red", "green", "blue"), colours, step["histogram"], strict=True)
            ],
            "level",
            "pixels (log)",
        )
    return ""


def _spectrum_series(name: str, ink: str, entry: dict[str, Any]) -> Series:
    density = np.sqrt(np.maximum(np.asarray(entry["density_px2_per_hz"], np.float64), 1e-12))
    return name, ink, entry["hz"], np.log10(density).tolist()


def _bars(values: Sequence[float], caption: str) -> str:
    top = max(max(values), 1e-9)
    step = (WIDTH - 60) / len(values)
    boxes = "".join(
        f"<rect x='{50 + index * step:.1f}' y='{190 - 170 * value / top:.1f}' width='{max(step - 2, 1):.1f}' "
        f"height='{170 * value / top:.1f}' fill='#168a78'/>"
        for index, value in enumerate(values)
    )
    return _frame(boxes + f"<text x='44' y='28' text-anchor='end'>{top:.3g}</text>", caption)


def _lines(series: Sequence[Series], x_name: str, y_name: str) -> str:
    xs = np.concatenate([np.asarray(one[2], np.float64) for one in series])
    ys = np.concatenate([np.asarray(one[3], np.float64) for one in series])
    left, right, low, high = xs.min(), max(xs.max(), xs.min() + 1e-9), ys.min(), max(ys.max(), ys.min() + 1e-9)
    drawn = []
    for index, (name, ink, x, y) in enumerate(series):
        points = " ".join(
            f"{50 + (WIDTH - 60) * (a - left) / (right - left):.1f},{190 - 170 * (b - low) / (high - low):.1f}"
            for a, b in zip(x, y, strict=True)
        )
        drawn.append(f"<polyline points='{points}' fill='none' stroke='{ink}' stroke-width='1.5'/>")
        drawn.append(
            f"<text x='{WIDTH - 12}' y='{32 + 16 * index}' fill='{ink}' text-anchor='end'>{escape(name)}</text>"
        )
    drawn.append(f"<text x='50' y='206'>{left:.3g}</text>")
    drawn.append(f"<text x='{WIDTH - 10}' y='206' text-anchor='end'>{right:.3g} {escape(x_name)}</text>")
    return _frame("".join(drawn), y_name)


def _frame(inside: str, caption: str) -> str:
    axis = f"<path d='M50 20 V190 H{WIDTH - 10}' fill='none' stroke='#b8c2cc'/>"
    words = f"<text x='50' y='14'>{escape(caption)}</text>"
    look = "font-size='12' font-family='sans-serif' fill='#5a6672'"
    return f"<svg viewBox='0 0 {WIDTH} {HEIGHT}' {look}>{axis}{words}{inside}</svg>"
