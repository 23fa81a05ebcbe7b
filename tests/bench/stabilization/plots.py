"""Plots of the benchmark: paths, spectra, attenuation bars, and a filmstrip across a white-out."""

from __future__ import annotations

from pathlib import Path

import cv2
import matplotlib as mpl

mpl.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
from numpy.typing import NDArray

from engine.stabilization.similarity import Similarity
from tests.bench.stabilization import metrics
from tests.bench.stabilization.clips import CENTRE, HEIGHT, WIDTH
from tests.bench.stabilization.plan import clip_for
from tests.bench.stabilization.record import Track, load_track
from tests.bench.stabilization.report import median
from tests.bench.stabilization.summary import SHORTEST, SKIPPED, Row, Truth, spec_of, truth_of

COLOURS = {"camera": "#9a9a9a", "ours": "#0a7f5a", "vid.stab-30": "#c8641e", "klt": "#3b64ad", "deshake": "#a03a8c"}
OWN_COLOURS = {
    "ours-network-follow": "#0a7f5a",
    "ours-spoilt-follow": "#5fbf9f",
    "ours-classical-follow": "#a9dcc9",
}
_LOOK = {
    "font.size": 9,
    "axes.grid": True,
    "grid.alpha": 0.25,
    "axes.spines.top": False,
    "axes.spines.right": False,
}
COMPARED = ("vid.stab-30", "klt", "deshake")
OURS_BEST = ("ours-network-follow", "ours-spoilt-follow")


def draw_plots(rows: list[Row], work: Path, out: Path, data: Path | None) -> None:
    """Everything that the results at hand allow."""
    plt.rcParams.update(_LOOK)
    _bars(rows, out)
    folders = sorted(p for p in work.iterdir() if p.name.startswith("B1") and _ours(p) is not None)
    folders = [p for p in folders if all((p / f"{name}.npz").exists() for name in COMPARED)]
    if folders:
        _paths(folders[0], out, data)
        _spectra(folders[0], out, data)
        if data is not None:
            _filmstrip(folders[0], out, data)


def _ours(folder: Path) -> Path | None:
    return next((folder / f"{name}.npz" for name in OURS_BEST if (folder / f"{name}.npz").exists()), None)


def _shown(truth: Truth, track: Track) -> metrics.Path:
    known = ~np.isnan(track.correction[:, 0].real)
    path = metrics.path_of([track.similarity(k) @ p if known[k] else p for k, p in enumerate(truth.poses)])
    path[~(known & truth.visible)] = np.nan
    return path


def _methods(folder: Path) -> list[tuple[str, Track]]:
    ours = _ours(folder)
    tracks = [(name, load_track(folder / f"{name}.npz")) for name in COMPARED]
    return tracks if ours is None else [*tracks, (ours.stem, load_track(ours))]


def _colour(name: str) -> str:
    return COLOURS["ours"] if name.startswith("ours") else COLOURS[name]


def _bars(rows: list[Row], out: Path) -> None:
    """7-12 Hz attenuation, methods by clip kind."""
    main = [r for r in rows if r["kind"] in tuple("ABCDE") and r["fps"] == 30.0 and "drift_px_min" not in r]
    methods = ["deshake", "vid.stab-30", "vidgear", "vidstab", "klt", "klt-masked", "ours-classical-follow"]
    methods += ["ours-spoilt-follow", "ours-network-follow"]
    methods = [m for m in methods if any(r["method"] == m for r in main)]
    if not methods:
        return
    figure, axes = plt.subplots(figsize=(9.5, 3.6), constrained_layout=True)
    shades = plt.get_cmap("Greys")(np.linspace(0.3, 0.75, len(methods)))
    for k, method in enumerate(methods):
        of_method = [r for r in main if r["method"] == method]
        values = [median([r for r in of_method if r["kind"] == kind], "db_7-12") for kind in "ABCDE"]
        places = np.arange(5) + (k - len(methods) / 2) * 0.09
        axes.bar(places, values, 0.085, label=method, color=OWN_COLOURS.get(method, shades[k]))
    axes.set_xticks(np.arange(5), ["A calm", "B bur + spray", "C jaw jump", "D walk", "E low light"])
    axes.axhline(0, color="black", lw=0.8)
    axes.set_ylabel("tooth motion, 7-12 Hz (dB)\nmore negative is steadier")
    axes.legend(ncols=3, fontsize=8, frameon=False, loc="lower center", bbox_to_anchor=(0.5, 1.0))
    figure.savefig(out / "attenuation.png", dpi=130)
    plt.close(figure)


def _paths(folder: Path, out: Path, data: Path | None) -> None:
    """Where the shown tooth is, sideways, over time."""
    truth = truth_of(folder, data)
    t = np.arange(len(truth.poses)) / truth.fps
    camera = metrics.path_of(truth.poses)
    tracks = _methods(folder)
    figure, axes = plt.subplots(len(tracks), 1, figsize=(9.5, 6.4), sharex=True, sharey=True, constrained_layout=True)
    for axis, (name, track) in zip(axes, tracks, strict=True):
        for start, stop in _runs(~truth.visible):
            axis.axvspan(t[start], t[stop - 1], color="#e8e2d8", lw=0)
        axis.plot(t, camera.real - camera.real.mean(), color=COLOURS["camera"], lw=0.6)
        shown = _shown(truth, track).real
        axis.plot(t, shown - np.nanmean(shown), color=_colour(name), lw=1.2)
        axis.set_title(name, loc="left", fontsize=9, color=_colour(name))
    axes[-1].set_xlabel("time (s); grey: camera; shaded: spray, nothing to be seen")
    figure.supylabel("sideways position of the tooth (px)", fontsize=9)
    figure.savefig(out / "paths.png", dpi=130)
    plt.close(figure)


def _runs(flags: NDArray[np.bool_]) -> NDArray[np.int64]:
    return np.flatnonzero(np.diff(np.concatenate([[0], flags.astype(np.int8), [0]]))).reshape(-1, 2)


def _spectra(folder: Path, out: Path, data: Path | None) -> None:
    """Power of the shown tooth's motion over frequency, visible stretches only."""
    truth = truth_of(folder, data)
    camera = metrics.path_of(truth.poses)
    figure, axes = plt.subplots(figsize=(7.2, 3.8), constrained_layout=True)
    is_first = True
    for name, track in _methods(folder):
        known = ~np.isnan(track.correction[:, 0].real)
        shown = [track.similarity(k) @ p if known[k] else p for k, p in enumerate(truth.poses)]
        runs = metrics.stretches(truth.visible & known, SKIPPED, SHORTEST)
        grid, before, after = metrics.spectra(metrics.path_of(shown), camera, runs, truth.fps)
        if is_first:
            axes.semilogy(grid, before, color=COLOURS["camera"], lw=1.6, label="camera")
            is_first = False
        axes.semilogy(grid, after, color=_colour(name), lw=1.3, label=name)
    axes.axvspan(7, 12, color="#efe6d5", lw=0, zorder=0)
    axes.set(xlim=(0, truth.fps / 2), ylim=(1e-7, None))
    axes.set(xlabel="frequency (Hz); shaded: the tremor band", ylabel="power (px²/Hz)")
    axes.legend(frameon=False, fontsize=8)
    figure.savefig(out / "spectra.png", dpi=130)
    plt.close(figure)


def _filmstrip(folder: Path, out: Path, data: Path) -> None:
    """Frames across the first white-out: camera, ours, vid.stab; the ring marks where the tooth point was at first."""
    clip, ours = clip_for(spec_of(folder.name), data, "val"), _ours(folder)
    truth = truth_of(folder, data)
    hidden = np.flatnonzero(~truth.visible)
    if ours is None or not len(hidden):
        return
    first = int(hidden[0])
    last = first + int(np.argmax(truth.visible[first:]))
    picks = [first - 12, first - 9, first - 6, (first + last) // 2, last + 1, last + 4, last + 7]
    tracks = [("camera", None), (ours.stem, load_track(ours)), ("vid.stab-30", load_track(folder / "vid.stab-30.npz"))]
    point = truth.poses[picks[0]].inverse()(CENTRE + 40)
    rows = []
    for name, track in tracks:
        cells = [_cell(clip.frame(k).pixels, _correction(track, k), truth.poses[k], point) for k in picks]
        strip = np.hstack(cells)
        strip[:22, :190] = 24
        cv2.putText(strip, name, (8, 16), cv2.FONT_HERSHEY_SIMPLEX, 0.45, (255, 255, 255), 1, cv2.LINE_AA)
        rows.append(strip)
    picture = cv2.cvtColor(np.vstack(rows), cv2.COLOR_RGB2BGR)
    cv2.imwrite(str(out / "filmstrip.jpg"), picture, [cv2.IMWRITE_JPEG_QUALITY, 85])


def _correction(track: Track | None, index: int) -> Similarity:
    """What was done to a frame; nothing where that is not known."""
    if track is None or np.isnan(track.correction[index, 0].real):
        return Similarity()
    return track.similarity(index)


def _cell(pixels: NDArray[np.uint8], correction: Similarity, pose: Similarity, point: complex) -> NDArray[np.uint8]:
    """A close-up of 160x120 about the picture's middle, with a fixed cross and a dot on the tooth point."""
    shown = cv2.warpAffine(pixels, correction.matrix()[:2], (WIDTH, HEIGHT))
    at = (correction @ pose)(point)
    for colour, size in (((0, 0, 0), 5), ((255, 210, 0), 3)):
        cv2.circle(shown, (round(at.real), round(at.imag)), size, colour, -1, cv2.LINE_AA)
    middle = (round(CENTRE.real) + 40, round(CENTRE.imag))
    cv2.drawMarker(shown, middle, (255, 255, 255), cv2.MARKER_CROSS, 40, 1, cv2.LINE_AA)
    cut = shown[middle[1] - 60 : middle[1] + 60, middle[0] - 80 : middle[0] + 80]
    framed = cv2.resize(cut, (240, 180), interpolation=cv2.INTER_LINEAR)
    framed[:, -2:] = 0
    framed[-2:] = 0
    return framed
