"""Files that ship with the program: `path("weights/mostnet-lite.json")`."""

from __future__ import annotations

import sys
from pathlib import Path


def path(name: str) -> Path:
    """Where the resource `name` lies, in a source tree, a wheel or a frozen bundle."""
    root = Path(getattr(sys, "_MEIPASS", "")) / "resources" if hasattr(sys, "_MEIPASS") else Path(__file__).parent
    return root / name
