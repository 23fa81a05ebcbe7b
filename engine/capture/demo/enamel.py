"""Colours a crown: enamel over dentine, mottling, stained fissures, decay and fillings."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.capture.demo.teeth import Crown, Work
from engine.capture.demo.texture import Plane, blur, fractal_noise, mix, smooth_noise, smoothstep


def _rgb(*linear: float) -> NDArray[np.float32]:
    return np.array(linear, np.float32)


ENAMEL = _rgb(0.82, 0.69, 0.525)  # linear light, like all colours here
DENTINE = _rgb(0.66, 0.42, 0.19)
STAIN = _rgb(0.17, 0.075, 0.03)
GLASSY = _rgb(0.60, 0.585, 0.53)
CHALK = _rgb(0.90, 0.86, 0.78)
GUM_GLOW = _rgb(0.80, 0.42, 0.33)  # what the gum throws back on to the crown's flanks
FILLINGS = {
    Work.AMALGAM: _rgb(0.20, 0.20, 0.205),
    Work.COMPOSITE: _rgb(0.76, 0.67, 0.53),
    Work.CAVITY: _rgb(0.72, 0.50, 0.25),
    Work.CARIES: _rgb(0.15, 0.065, 0.025),
}
SEAM = {Work.AMALGAM: 0.45, Work.COMPOSITE: 0.10}  # how dark the line round a filling is


def colour_crown(rng: np.random.Generator, crown: Crown, shade: float, px_per_mm: float) -> NDArray[np.float32]:
    """(h, w, 3) linear colour; `shade` is the patient's own, 0 average, above it yellower."""
    shape = (crown.height_mm.shape[0], crown.height_mm.shape[1])
    warm = rng.normal(shade, 0.02)
    colour = np.empty((*shape, 3), np.float32)
    colour[:] = ENAMEL * (1.0, 1 - 0.6 * warm, 1 - 1.9 * warm) * rng.uniform(0.95, 1.05)
    mottle = fractal_noise(rng, shape, 2.2 * px_per_mm, 4)
    mix(colour, DENTINE, np.clip(0.24 + 0.13 * mottle - 0.34 * crown.tip, 0, 0.7))
    mix(colour, GLASSY, smoothstep(0.66, 0.80, crown.rim) * smoothstep(0.94, 0.84, crown.rim) * 0.30)
    mix(colour, CHALK, smoothstep(1.1, 2.2, fractal_noise(rng, shape, 1.1 * px_per_mm, 3)) * 0.32)
    mix(colour, GUM_GLOW, smoothstep(0.84, 1.0, crown.rim) * 0.42)
    _stain(rng, colour, crown, px_per_mm)
    _fill(rng, colour, crown, px_per_mm)
    grain = 1 + 0.03 * fractal_noise(rng, shape, 0.35 * px_per_mm, 2)
    colour *= grain[..., None]
    return colour


def _stain(rng: np.random.Generator, colour: NDArray[np.float32], crown: Crown, px_per_mm: float) -> None:
    """Brown lines in the fissures, here and there, with a faint halo; one hair crack."""
    shape = (crown.height_mm.shape[0], crown.height_mm.shape[1])
    patchy = smoothstep(-0.9, 1.0, fractal_noise(rng, shape, 1.6 * px_per_mm, 3))
    bare = 1 - crown.worked if crown.work is not Work.CARIES else np.ones_like(crown.worked)
    stained = np.clip(crown.fissure**2 * patchy * rng.uniform(0.35, 1.1), 0, 0.95) * bare
    mix(colour, STAIN, np.clip(blur(stained, 0.22 * px_per_mm) * 0.5, 0, 0.4))
    mix(colour, STAIN, stained)
    crack = smoothstep(0.022, 0.006, np.abs(smooth_noise(rng, shape, 4.5 * px_per_mm)))
    mix(colour, DENTINE * 0.7, crack * smoothstep(0.55, 0.85, crown.rim) * 0.10)


def _fill(rng: np.random.Generator, colour: NDArray[np.float32], crown: Crown, px_per_mm: float) -> None:
    """Filling, decay or the floor of a preparation, with a dark seam round it."""
    if crown.work is Work.SOUND:
        return
    shape = (crown.height_mm.shape[0], crown.height_mm.shape[1])
    uneven = fractal_noise(rng, shape, 0.8 * px_per_mm, 3)
    if crown.work in (Work.AMALGAM, Work.CARIES):  # both shine through the enamel around them
        mix(colour, FILLINGS[crown.work], np.clip(blur(crown.worked, 0.5 * px_per_mm) * 0.45, 0, 0.45))
    mix(colour, FILLINGS[crown.work], crown.worked * _cover(crown.work, uneven))
    seam = np.clip(crown.worked * (1 - crown.worked) * 4, 0, 1)
    mix(colour, STAIN, seam * SEAM.get(crown.work, 0.0))
    if crown.work is Work.CAVITY:
        mix(colour, STAIN * 2.2, crown.worked * smoothstep(0.7, 2.4, uneven) * 0.35)
        mix(colour, CHALK, seam * 0.5)  # cut enamel is white


def _cover(work: Work, uneven: Plane) -> Plane:
    """How thickly the colour lies."""
    return np.asarray(np.clip((0.86 if work is Work.CARIES else 0.95) + 0.10 * uneven, 0.3, 1.0), dtype=np.float32)
