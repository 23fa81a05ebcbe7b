"""What an export leaves out, said on standard error."""

from __future__ import annotations

import sys

from engine.archive.omissions import Omissions


def print_missing(missing: Omissions) -> None:
    """A line for each omission, and one for all if they are grave."""
    for sentence in missing.sentences:
        print(f"steadyscope: {sentence}", file=sys.stderr)
    if not missing.is_complete:
        print("steadyscope: This is not the whole session; the export says so too.", file=sys.stderr)
