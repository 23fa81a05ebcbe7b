"""Draws the curves of a run from its CSV log."""

from __future__ import annotations

from pathlib import Path

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from models.training import runlog

_PANELS = (
    ("loss", ("loss",), False),
    ("EPE, px", ("epe", "val_epe", "val_epe_zero", "val_epe_dis"), True),
    ("PSNR, dB", ("val_psnr", "val_psnr_input"), False),
    ("IoU", ("val_iou",), False),
    ("learning rate", ("rate",), False),
    ("seconds per step", ("step_s",), False),
)


def draw(log: Path, picture: Path) -> None:
    """Six panels over steps: losses, flow error beside zero flow and DIS, PSNR, IoU, rate, speed."""
    rows = runlog.read(log)
    figure = Figure(figsize=(13, 7), layout="constrained")
    canvas = FigureCanvasAgg(figure)
    for axes, (title, names, is_log) in zip(figure.subplots(2, 3).flat, _PANELS, strict=True):
        for name in names:
            points = [(row["step"], row[name]) for row in rows if name in row]
            if points:
                steps, values = zip(*points, strict=True)
                style = "--" if name.endswith(("_zero", "_dis", "_input")) else "-"
                axes.plot(steps, values, style, label=name, linewidth=1.2)
        axes.set_title(title)
        axes.set_xlabel("step")
        axes.grid(alpha=0.3)
        if is_log and axes.lines:
            axes.set_yscale("log")
        if axes.lines:
            axes.legend(fontsize=8)
    canvas.print_png(picture)
