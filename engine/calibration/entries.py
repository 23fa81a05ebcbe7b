"""Results of the steps as plain JSON values: what profiles hold and the command line prints."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.calibration.latency import LatencyResult, Timing
from engine.calibration.lens import LensResult
from engine.calibration.vibration import Spectrum, attenuation_db

if TYPE_CHECKING:
    from engine.calibration.chart import ChartReading
    from engine.calibration.colour_fit import ColourResult


def lens_entry(result: LensResult) -> dict[str, Any]:
    """`model camera_matrix[9] distortion[] image_size rms_px holdout_rms_px accepted rejected verdict`, and more."""
    return {
        "model": result.model,
        "camera_matrix": [float(value) for value in result.camera_matrix.ravel()],
        "distortion": [float(value) for value in result.distortion.ravel()],
        "image_size": list(result.image_size),
        "rms_px": result.rms_px,
        "holdout_rms_px": result.holdout_rms_px,
        "accepted": len(result.accepted),
        "rejected": len(result.rejected),
        "verdict": result.verdict,
        "failures": list(result.failures),
        "standard_deviations": [float(value) for value in result.deviations],
        "mm_per_px": result.mm_per_px,
        "accepted_views": [{"view": name, "rms_px": rms} for name, rms in result.accepted],
        "rejected_views": [{"view": name, "reason": reason} for name, reason in result.rejected],
    }


def colour_entry(result: ColourResult, reading: ChartReading) -> dict[str, Any]:
    """Delta E 2000 before, after and left out; table and matrix for the live path."""
    from engine.calibration.chart import patch_names  # the colour library takes a second to import

    return {
        "delta_e_before": _summary(result.before),
        "delta_e_after": _summary(result.after),
        "delta_e_left_out": _summary(result.left_out),
        "patches": [round(float(value), 3) for value in result.after],
        "patches_before": [round(float(value), 3) for value in result.before],
        "patches_left_out": [round(float(value), 3) for value in result.left_out],
        "patch_names": list(patch_names()),
        "white_balance_gains": list(result.white_balance),
        "noise_levels": result.noise,
        "overexposed_patches": [index + 1 for index in reading.overexposed],
        "underexposed_patches": [index + 1 for index in reading.underexposed],
        "crushed_patches": [index + 1 for index in result.crushed],
        "corners": [[float(x), float(y)] for x, y in reading.corners],
        "gamma": [float(value) for value in result.fit.tone.gamma],
        "shoulder": [float(value) for value in result.fit.tone.shoulder],
        "table": [round(float(value), 6) for value in result.fit.table().ravel()],
        "matrix": [float(value) for value in result.fit.matrix.ravel()],
        "verdict": result.verdict,
        "failures": list(result.failures),
    }


def vibration_entry(raw: Spectrum, stabilized: Spectrum | None, um_per_px: float | None) -> dict[str, Any]:
    """Bands and peaks, raw and stabilized, in pixels and (with a known scale) micrometres."""
    entry: dict[str, Any] = {
        "nyquist_hz": raw.nyquist_hz,
        "raw": _spectrum(raw, um_per_px),
        "stabilized": None if stabilized is None else _spectrum(stabilized, um_per_px),
        "um_per_px": um_per_px,
        "note": f"Lines above {raw.nyquist_hz:.1f} Hz, a rotor's for one, alias below it.",
        "verdict": "pass",
    }
    if stabilized is not None:
        entry["attenuation_db"] = {
            "1-5 Hz": attenuation_db(raw, stabilized, 1, 5),
            "7-12 Hz": attenuation_db(raw, stabilized, 7, 12),
        }
    return entry


def latency_entry(result: LatencyResult, software_ms: float | None = None) -> dict[str, Any]:
    """Percentiles and parts, in milliseconds; `software_ms` comes after a frame is in our hands, on top of the rest."""
    return {
        "trials": result.trials,
        "median_ms": result.median,
        "p95_ms": result.p95,
        "p99_ms": result.p99,
        "parts_ms": {
            "screen": result.screen,
            "sampling": result.sampling,
            "camera": result.camera,
            "software": software_ms,
        },
        "samples_ms": [round(one, 3) for one in result.samples],
        "verdict": "pass",
    }


def timing_entry(timing: Timing) -> dict[str, Any]:
    """Delivered rate and regularity."""
    verdict = "pass" if timing.missed == 0 else "fail"
    return {"fps": timing.fps, "jitter_ms": timing.jitter_ms, "worst_ms": timing.worst_ms, "missed": timing.missed} | {
        "verdict": verdict
    }


def _summary(values: Any) -> dict[str, float]:
    return {"mean": float(values.mean()), "max": float(values.max())}


def _spectrum(one: Spectrum, um_per_px: float | None) -> dict[str, Any]:
    scale = um_per_px or 0.0
    entry: dict[str, Any] = {
        "rms_px": one.rms_px,
        "tremor_rms_px": one.tremor_rms_px,
        "peaks": [{"hz": peak.hz, "amplitude_px": peak.amplitude_px} for peak in one.peaks],
        "hz": [round(float(value), 4) for value in one.hz],
        "density_px2_per_hz": [float(f"{value:.4g}") for value in one.density],
    }
    if um_per_px is not None:
        entry |= {"rms_um": one.rms_px * scale, "tremor_rms_um": one.tremor_rms_px * scale}
    return entry
