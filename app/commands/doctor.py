"""`steadyscope doctor`: what this machine can do, what it lacks, and what to do about it."""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path

from PySide6 import __version__ as qt_version
from PySide6.QtCore import QLibraryInfo, QPluginLoader

from engine.diagnosis import Finding, look, system
from engine.inference.choose import DEFAULT_MODEL

WANTING = 1
MARKS = {True: "ok", False: "--"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `doctor`."""
    parser.add_argument("--json", action="store_true", help="print the findings as JSON")
    parser.add_argument("--model", default=DEFAULT_MODEL, help="network to try (default: %(default)s)")


def run(args: argparse.Namespace) -> int:
    """Exit code 0, or 1 when something is missing without which Steadyscope does not work."""
    machine = system()
    findings = [*look(args.model), display()]
    if args.json:
        print(json.dumps(to_json(machine, findings), indent=1))
    else:
        print(text(machine, findings))
    return WANTING if any(finding.is_needed and not finding.is_well for finding in findings) else 0


def display() -> Finding:
    """The Qt platform that a window would use, and whether its libraries load."""
    wanted = os.environ.get("QT_QPA_PLATFORM") or _platform_here()
    plugins = Path(QLibraryInfo.path(QLibraryInfo.LibraryPath.PluginsPath)) / "platforms"
    name = wanted.partition(":")[0].partition(";")[0]
    found = [path for path in plugins.glob(f"*q{name}*") if path.suffix in (".so", ".dll", ".dylib")]
    if not found:
        remedy = "Set QT_QPA_PLATFORM to one of: " + ", ".join(sorted(_platforms(plugins))) + "."
        return Finding("qt", name, False, f"Qt {qt_version} has no platform '{name}'.", remedy)
    loader = QPluginLoader(str(found[0]))
    if not loader.load():
        return Finding("qt", name, False, loader.errorString(), "Install the libraries it names (README, Set-up).")
    has_screen = name != "offscreen"
    detail = f"Qt {qt_version} on '{name}'" + (
        "" if has_screen else ": no screen here, only the headless commands show"
    )
    return Finding("qt", name, True, detail)


def to_json(machine: dict[str, object], findings: list[Finding]) -> dict[str, object]:
    """The machine, then the findings by topic."""
    topics: dict[str, list[dict[str, object]]] = {}
    for finding in findings:
        described: dict[str, object] = {"name": finding.name, "ok": finding.is_well}
        described |= {"detail": finding.detail} if finding.is_well else {"reason": finding.detail}
        described |= {"remedy": finding.remedy} if finding.remedy else {}
        topics.setdefault(finding.topic, []).append(described | dict(finding.facts))
    return {
        "system": machine,
        "cpu_features": machine["cpu_features"],
        "backends": topics.get("backend", []),
        "gpu": topics.get("gpu", []),
        "cameras": [each for each in topics.get("camera", []) if each["ok"]],
        "qt": topics.get("qt", []),
        "weights": topics.get("weights", []),
        "disk": topics.get("disk", []),
        "is_ready": not any(finding.is_needed and not finding.is_well for finding in findings),
    }


def text(machine: dict[str, object], findings: list[Finding]) -> str:
    """For people."""
    features = machine["cpu_features"]
    present = " ".join(name for name, is_there in features.items() if is_there) if isinstance(features, dict) else ""
    lines = [
        f"{machine['os']}, Python {machine['python']}",
        f"{machine['cpu']}, {machine['cores']} cores, {machine['memory_gib']} GiB; {present or 'features not listed'}",
    ]
    topic = ""
    for finding in findings:
        if finding.topic != topic:
            topic = finding.topic
            lines += ["", topic]
        lines.append(f"  {MARKS[finding.is_well]}  {finding.name:<18} {finding.detail}")
        if finding.remedy:
            lines.append(f"      {'':<18} {finding.remedy}")
    return "\n".join(lines)


def _platform_here() -> str:
    if sys.platform == "win32":
        return "windows"
    if sys.platform == "darwin":
        return "cocoa"
    if os.environ.get("WAYLAND_DISPLAY"):
        return "wayland"
    return "xcb" if os.environ.get("DISPLAY") else "offscreen"


def _platforms(plugins: Path) -> set[str]:
    return {path.stem.removeprefix("lib").removeprefix("q") for path in plugins.iterdir()}
