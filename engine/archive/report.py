"""A session report as one self-contained HTML file: figures, time line, stills, notes. It prints well."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from pathlib import Path

from engine.annotation.shapes import Annotation, Kind
from engine.annotation.text_exports import timestamp, title
from engine.archive.omissions import PAUSE, Omissions
from engine.archive.reader import BYPASS, LOST, SessionView
from engine.archive.report_pictures import drawings, stills

LANES = {
    "lost": "#d9822b",
    "bypass": "#e6c34a",
    "pause": "#8a94a0",
    "capture": "#c23b3b",
    "pipeline": "#c23b3b",
    "recorder": "#c23b3b",
}
WORDS = {
    "lost": "tracking lost",
    "bypass": "raw picture shown, the engine was late or off",
    "pause": "pause",
    "capture": "camera skipped",
    "recorder": "lost by the recorder",
    "pipeline": "not processed in time",
}
STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; color: #16202a; max-width: 62rem; margin: 2.5rem auto; padding: 0 1.5rem }
h1 { font-size: 1.7rem; margin: 0 } h2 { font-size: 1.1rem; margin: 2rem 0 .6rem } .quiet { color: #5a6672 }
table.facts th { width: 14rem } table { border-collapse: collapse; width: 100% }
th, td { text-align: left; padding: .35rem .8rem .35rem 0 }
tr { border-bottom: 1px solid #dde3e8; break-inside: avoid } th { font-weight: 600 } td.n { white-space: nowrap }
figure { margin: 0 0 1.2rem; break-inside: avoid } img { width: 100%; border-radius: 4px } figcaption { color: #5a6672 }
.stills { display: grid; grid-template-columns: 1fr 1fr; gap: 1.2rem } svg { width: 100%; height: 5rem }
.missing { border: 2px solid #c23b3b; border-radius: 6px; padding: .6rem 1rem; margin: 1.2rem 0 }
.missing p { margin: 0 }
.missing b { color: #a32626 } .missing.small { border: 1px solid #d7dee4 } .missing.small b { color: inherit }
.missing ul { margin: .3rem 0 0; padding-left: 1.2rem }
footer { margin-top: 3rem; color: #5a6672; font-size: .85rem }
"""


def write_report(
    session: SessionView,
    annotations: Sequence[Annotation],
    out: Path,
    omissions: Omissions,
    *,
    is_identified: bool = False,
) -> Path:
    """Write `out` (UTF-8 HTML), which says first what is left out; the patient only if asked for. Returns it."""
    started = session.started
    who = _identity(session) if is_identified else "identity left out"
    name = escape(session.folder.session_id)
    parts = [
        f"<!doctype html><html lang='en'><meta charset='utf-8'><title>Session {name}</title>",
        f"<style>{STYLE}</style><h1>Session report</h1>",
        f"<p class='quiet'>{name} · {started:%d %B %Y, %H:%M} · {escape(who)}</p>",
        _missing(omissions),
        "<h2>Recording</h2>",
        _facts(session),
        "<h2>Time line</h2>",
        _timeline(session, annotations),
        "<h2>Notes</h2>",
        _notes(annotations),
        "<h2>Drawn on the picture</h2>",
        drawings(session, annotations),
        "<h2>Stills</h2>",
        stills(session),
        "<footer>Made by Steadyscope. Enhanced and stabilized pictures are processed; the raw recording is kept beside "
        "them. Documentation and visual aid, not primary guidance.</footer></html>",
    ]
    out.write_text("\n".join(parts), encoding="utf-8")
    return out


def _missing(omissions: Omissions) -> str:
    if not omissions.all:
        return ""
    items = "".join(f"<li>{escape(sentence)}</li>" for sentence in omissions.sentences)
    if omissions.is_complete:
        return f"<div class='missing small'><p><b>Short gaps</b></p><ul>{items}</ul></div>"
    return f"<div class='missing'><p><b>INCOMPLETE:</b> this is not the whole session.</p><ul>{items}</ul></div>"


def _identity(session: SessionView) -> str:
    patient = session.patient
    parts = (f"{patient.family_name}, {patient.given_name}".strip(", "), patient.patient_id, patient.birth_date)
    return " · ".join(filter(None, parts)) or "no patient"


def _facts(session: SessionView) -> str:
    width, height = session.size
    source = session.entries.get("source")
    frames = ", ".join(f"{len(times)} {name}" for name, times in session.frame_times_ns.items())
    missing = sum(gap.count for gap in session.gaps if gap.stream == "raw" and gap.kind != "pause")
    rows = {
        "Camera": f"{source['name'] if isinstance(source, dict) else ''}, {width} x {height}",
        "Length": timestamp(session.duration_ns // 1_000_000),
        "Frames": frames,
        "Missing raw frames": str(missing),
        "Tracking lost": f"{_length_s(session, LOST):.1f} s",
        "Raw picture shown": _unless_none(_length_s(session, BYPASS), ", while the engine was late or off"),
        "Paused": _unless_none(_length_s(session, PAUSE)),
        "Operator": str(session.entries.get("operator") or "not named"),
        "State": str(session.entries.get("state", "")) + f" {session.entries.get('problem') or ''}",
    }
    shown = {name: value for name, value in rows.items() if value}
    cells = "".join(f"<tr><th>{escape(name)}</th><td>{escape(value)}</td></tr>" for name, value in shown.items())
    return f"<table class='facts'>{cells}</table>"


def _unless_none(seconds: float, words: str = "") -> str:
    return f"{seconds:.1f} s{words}" if seconds else ""


def _length_s(session: SessionView, kind: str) -> float:
    return sum(one.end_ns - one.start_ns for one in session.stretches if one.kind == kind) / 1e9


def _timeline(session: SessionView, annotations: Sequence[Annotation]) -> str:
    def at(t_ns: int) -> float:
        return 1000 * t_ns / max(session.duration_ns, 1)

    shapes = ["<rect x='0' y='34' width='1000' height='12' rx='3' fill='#d7dee4'/>"]
    for one in session.stretches:
        width = max(at(one.end_ns) - at(one.start_ns), 2)
        fill = LANES.get(one.kind, "#c23b3b")
        name = WORDS.get(one.kind, one.kind)
        shapes.append(
            f"<rect x='{at(one.start_ns):.1f}' y='34' width='{width:.1f}' height='12' fill='{fill}'>"
            f"<title>{escape(name)}</title></rect>"
        )
    for entry in annotations:
        x, name = at(entry.start_ns), escape(title(entry))
        if entry.kind is Kind.RANGE and entry.end_ns is not None:
            width = max(at(entry.end_ns) - x, 2)
            box = f"x='{x:.1f}' y='6' width='{width:.1f}' height='10' rx='3'"
            shapes.append(f"<rect {box} fill='#168a78'><title>{name}</title></rect>")
        else:
            shapes.append(f"<path d='M{x:.1f} 32 l-5 -10 h10 z' fill='#168a78'><title>{name}</title></path>")
    end = timestamp(session.duration_ns // 1_000_000)
    shapes.append("<text x='0' y='66' font-size='14' fill='#5a6672'>00:00:00.000</text>")
    shapes.append(f"<text x='1000' y='66' font-size='14' fill='#5a6672' text-anchor='end'>{end}</text>")
    kinds = sorted({one.kind for one in session.stretches})
    legend = ", ".join(
        f"<span style='color:{LANES.get(kind)}'>&#9632;</span> {WORDS.get(kind, kind)}" for kind in kinds
    )
    return f"<svg viewBox='0 0 1000 72'>{''.join(shapes)}</svg><p class='quiet'>{legend}</p>"


def _notes(annotations: Sequence[Annotation]) -> str:
    if not annotations:
        return "<p class='quiet'>Nothing was noted.</p>"
    rows = []
    for entry in annotations:
        span = timestamp(entry.start_ns // 1_000_000)
        if entry.end_ns is not None:
            span += f" to {timestamp(entry.end_ns // 1_000_000)}"
        cells = (entry.kind.value, str(entry.tooth or ""), entry.label, entry.text, entry.author)
        rows.append(f"<tr><td class='n'>{span}</td>" + "".join(f"<td>{escape(cell)}</td>" for cell in cells) + "</tr>")
    head = "".join(f"<th>{word}</th>" for word in ("Time", "Kind", "Tooth", "Label", "Text", "Author"))
    return f"<table><tr>{head}</tr>{''.join(rows)}</table>"
