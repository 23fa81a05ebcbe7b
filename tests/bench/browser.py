"""Does a browser play an exported MP4 and its WebVTT chapters? `python -m tests.bench.browser --out DIR`.

Records the demo, marks it, exports MP4 and WebVTT, and lets headless Chromium open a page with both: it must decode,
jump to each chapter, play on from there, and show a picture. What the page saw is posted back; a screenshot is kept.
"""

from __future__ import annotations

import argparse
import functools
import json
import shutil
import subprocess
import sys
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event, Thread
from typing import Any

from app.cli import main as steadyscope
from engine.annotation.shapes import Annotation, Drawing, Kind, Space
from engine.annotation.store import AnnotationStore
from engine.archive.exports import Wanted, export_session
from engine.archive.reader import SessionView, open_session
from engine.archive.video_export import VideoExport

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
SECONDS = 6.0
MARKERS = ((0.5, "overview", None), (2.0, "crack <enamel>", 36), (4.0, "Füllungsrand", 37))
PATIENCE_S = 60.0
PAGE = """<!doctype html><meta charset="utf-8"><title>Exported session</title>
<style>body{margin:0;background:#101418;color:#e8eef2;font:16px/1.5 sans-serif;display:flex;gap:24px;padding:24px}
video{width:840px;background:#000} li{padding:4px 0} .now{color:#40dcbe;font-weight:bold}</style>
<div><video id="v" src="session.mp4" controls muted><track id="t" kind="chapters" src="session.vtt" default></video>
<p id="state"></p><img src="hold" hidden></div><ol id="list"></ol><script>
const v = document.getElementById("v"), t = document.getElementById("t").track, seen = {jumps: []};
t.mode = "hidden";
const until = (target, name) => new Promise(done => target.addEventListener(name, done, {once: true}));
const pause = ms => new Promise(done => setTimeout(done, ms));
function spread() {
  const c = document.createElement("canvas"); c.width = 64; c.height = 48;
  const g = c.getContext("2d"); g.drawImage(v, 0, 0, 64, 48);
  const p = g.getImageData(0, 0, 64, 48).data; let low = 255, high = 0;
  for (let i = 0; i < p.length; i += 4) { low = Math.min(low, p[i]); high = Math.max(high, p[i]); }
  return high - low;
}
async function run() {
  if (v.readyState < 2) await until(v, "loadeddata");
  while (!t.cues || !t.cues.length) await pause(50);
  Object.assign(seen, {width: v.videoWidth, height: v.videoHeight, duration_s: v.duration});
  seen.chapters = [...t.cues].map(c => ({start_s: c.startTime, end_s: c.endTime, title: c.text}));
  for (const c of t.cues) {
    const li = document.createElement("li"); li.append(c.getCueAsHTML()); document.getElementById("list").append(li);
  }
  for (const [i, c] of [...t.cues].entries()) {
    v.pause(); v.currentTime = c.startTime; await until(v, "seeked"); await v.play(); await pause(600);
    const active = [...t.activeCues].map(a => a.text);
    seen.jumps.push({to_s: c.startTime, at_s: v.currentTime, spread: spread(), is_active: active.includes(c.text)});
    document.querySelectorAll("li").forEach((li, n) => li.className = n == i ? "now" : "");
  }
  v.pause(); v.controls = false;
  const quality = v.getVideoPlaybackQuality();
  seen.frames = quality.totalVideoFrames; seen.error = v.error && v.error.message;
  document.getElementById("state").textContent = `played at ${v.currentTime.toFixed(2)} of ${v.duration.toFixed(2)} s`;
}
run().catch(e => seen.error = String(e)).finally(() => fetch("seen", {method: "POST", body: JSON.stringify(seen)}));
</script>"""


class Handler(SimpleHTTPRequestHandler):
    """Serves the export with byte ranges, as any web server does, and takes what the page saw."""

    seen: dict[str, Any]
    told: Event

    def do_GET(self) -> None:
        """A whole file, or the range that a player asks for when it jumps."""
        if self.path == "/hold":  # the page is loaded, and photographed, when it has spoken
            type(self).told.wait(PATIENCE_S / 2)
            self.send_error(404)
            return
        path = Path(self.translate_path(self.path))
        wanted = self.headers.get("Range", "").removeprefix("bytes=").partition("-")
        if not wanted[0] or not path.is_file():
            super().do_GET()
            return
        size = path.stat().st_size
        first, last = int(wanted[0]), min(int(wanted[2] or size - 1), size - 1)
        self.send_response(206)
        self.send_header("Content-Type", self.guess_type(str(path)))
        self.send_header("Accept-Ranges", "bytes")
        self.send_header("Content-Range", f"bytes {first}-{last}/{size}")
        self.send_header("Content-Length", str(last - first + 1))
        self.end_headers()
        self.wfile.write(path.read_bytes()[first : last + 1])

    def do_POST(self) -> None:
        """The page's word."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        type(self).seen = json.loads(body)
        self.send_response(204)
        self.end_headers()
        type(self).told.set()

    def log_message(self, *_: object) -> None:
        """Silent."""


def make_session(library: Path) -> SessionView:
    """A demo recording with three markers and a drawn ellipse."""
    arguments = ["record", "--demo", "--seconds", str(SECONDS), "--out", str(library), "--backend", "off"]
    if steadyscope(arguments) != 0:
        raise SystemExit("the demo could not be recorded")
    (root,) = library.iterdir()
    session = open_session(root)
    store = AnnotationStore(session.folder.database)
    document = store.load()
    for at_s, label, tooth in MARKERS:
        document.add(Annotation(Kind.MARKER, round(at_s * 1e9), label, tooth=tooth))
    pose = tuple(float(value) for value in session.poses[0].stabilized_from_raw.ravel())
    drawing = Drawing(((0.4, 0.4), (0.6, 0.65)), Space.STABILIZED, pose, session.size)  # type: ignore[arg-type]
    document.add(Annotation(Kind.ELLIPSE, 4_000_000_000, "here", end_ns=6_000_000_000, drawing=drawing))
    store.close()
    return open_session(root)


def browse(browser: str, folder: Path, picture: Path) -> dict[str, Any]:
    """What the page in `folder` saw, and a screenshot of it."""
    Handler.seen, Handler.told = {}, Event()
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Handler, directory=str(folder)))
    Thread(target=server.serve_forever, daemon=True).start()
    flags = ["--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--window-size=1280,800"]
    flags += ["--autoplay-policy=no-user-gesture-required", f"--user-data-dir={folder / 'profile'}"]
    address = f"http://127.0.0.1:{server.server_port}/index.html"
    command = [browser, *flags, f"--screenshot={picture}", f"--timeout={round(PATIENCE_S * 900)}", address]
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_S, check=False)
    server.shutdown()
    if not Handler.told.wait(1):
        raise SystemExit(f"the page said nothing within {PATIENCE_S:.0f} s\n{done.stderr[-2000:]}")
    return Handler.seen


def judge(seen: dict[str, Any]) -> list[str]:
    """What was not as it should be; empty if all was."""
    missed = [] if not seen.get("error") else [str(seen["error"])]
    titles = [one["title"] for one in seen.get("chapters", [])]
    wanted = ["overview", "crack &lt;enamel&gt;, tooth 36", "Füllungsrand, tooth 37"]
    if [title for title in titles if title != "here"] != wanted:
        missed.append(f"the chapters are {titles}")
    for jump in seen.get("jumps", []):
        if not 0.2 < jump["at_s"] - jump["to_s"] < 1.2 or jump["spread"] < 40 or not jump["is_active"]:
            missed.append(f"the jump to {jump['to_s']} s: {jump}")
    return missed


def main() -> int:
    """Record, export, browse, judge, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        sys.stdout.write("no Chromium here: apt-get install chromium\n")
        return 0
    args.out.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as scratch:
        session, folder = make_session(Path(scratch) / "library"), Path(scratch) / "page"
        export_session(session, "mp4", folder / "session.mp4", Wanted(VideoExport("stabilized")), _go_on)
        export_session(session, "webvtt", folder / "session.vtt", Wanted(), _go_on)
        (folder / "index.html").write_text(PAGE, encoding="utf-8")
        seen = browse(browser, folder, args.out.resolve() / "browser.png")
    version = subprocess.run([browser, "--version"], capture_output=True, text=True, check=False).stdout.strip()
    missed = judge(seen)
    result = {"verdict": "pass" if not missed else "fail", "missed": missed, "browser": version, **seen}
    text = json.dumps(result, indent=1, ensure_ascii=False)
    (args.out / "browser.json").write_text(text + "\n", encoding="utf-8")
    sys.stdout.write(text + "\n")
    return 0 if not missed else 1


def _go_on(_: float) -> bool:
    return True


if __name__ == "__main__":
    sys.exit(main())
