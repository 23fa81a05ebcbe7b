"""Start the frozen bundle as a user would, on a machine as bare as this one can pretend to be, and say what it weighs.

Usage: check.py BUNDLE_FOLDER [--out results.json]
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("bundle", type=Path)
parser.add_argument("--out", type=Path)
args = parser.parse_args()

program = args.bundle / ("steadyscope.exe" if os.name == "nt" else "steadyscope")
files = {path.resolve() for path in args.bundle.rglob("*") if path.is_file()}
size_mb = sum(path.stat().st_size for path in files) / 1e6
with tempfile.TemporaryDirectory() as home:
    # No Python on the PATH, no virtual environment, an empty home: only what the bundle brings.
    bare = {"HOME": home, "PATH": "/nonexistent", "QT_QPA_PLATFORM": os.environ.get("QT_QPA_PLATFORM", "offscreen")}
    started = time.monotonic()
    subprocess.run([program, "--help"], env=bare, check=True, stdout=subprocess.DEVNULL)
    help_s = time.monotonic() - started
    report, shot = Path(home) / "report.json", Path(home) / "shot.png"
    run = subprocess.run(
        [program, "--demo", "--run-for", "8", "--report", report, "--screenshot", shot], env=bare, check=False
    )
    if run.returncode != 0:
        sys.exit(f"The bundle ended with code {run.returncode}.")
    figures = json.loads(report.read_text())
    picture_bytes = shot.stat().st_size
result = {"size_mb": round(size_mb), "help_s": round(help_s, 2), "frames_in": figures["frames_in"]}
result |= {"frames_processed": figures["frames_processed"], "screenshot_bytes": picture_bytes}
print(json.dumps(result))
if args.out:
    args.out.write_text(json.dumps(result, indent=1) + "\n")
if not figures["frames_processed"]:
    sys.exit("The engine processed no frame.")
