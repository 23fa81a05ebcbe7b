"""The command line: one table of commands, each in a module of its own that is imported only when called."""

from __future__ import annotations

import argparse
import importlib
import logging
import os
import sys
import threading
from collections.abc import Sequence

from engine.errors import EngineError

# name -> (module with add_arguments(parser) and run(args) -> int, one line of help)
COMMANDS: dict[str, tuple[str, str]] = {
    "window": ("app.commands.window", "open the window (the default)"),
    "process": ("app.commands.process", "enhance and stabilize a video file without a window"),
    "record": ("app.commands.record", "record a session without a window"),
    "session": ("app.commands.session", "list, inspect, verify, repair and export recorded sessions"),
    "calibrate": ("app.commands.calibrate", "the calibration steps on files, folders of frames and cameras"),
    "doctor": ("app.commands.doctor", "say what this machine can do and what it lacks"),
    "bench": ("app.commands.bench", "measure engine and pipeline on this machine"),
    "drill": ("app.commands.drill", "run the safety faults through the real session"),
    "engine": ("app.commands.engine", "build TensorRT engines ahead of time"),
    "demo-clip": ("app.commands.demo_clip", "write the demo source to a file, with its ground truth if wanted"),
}
USER_ERROR = 2
SWITCH_INTERVAL_S = 0.0005  # Python's 5 ms would let a busy window hold the pipeline up at each of its steps
FEW_CORES = 2  # up to so many the network needs all, and OpenCV's threads only take turns from it
INTERRUPTED = 130
PIPE_CLOSED = 141  # what a shell reports of a program whose reader went away


def program() -> None:
    """What `steadyscope` runs: `main`, and an end that no hanging driver can spoil."""
    try:
        code = main()
        sys.stdout.flush()
    except BrokenPipeError:  # `| head` has read enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # for what is still to be flushed
        code = PIPE_CLOSED
    sys.stderr.flush()
    if any(thread.daemon for thread in threading.enumerate()):
        # Left behind in a driver or in native code, it would crash the interpreter while that is being taken down.
        logging.shutdown()
        os._exit(code)
    sys.exit(code)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code (0 done, 1 found wanting, 2 user error, 130 interrupted)."""
    sys.setswitchinterval(SWITCH_INTERVAL_S)
    leave_cores_to_the_network()
    arguments = list(sys.argv[1:] if argv is None else argv)
    if arguments and arguments[0] in ("-h", "--help"):
        print(overview())
        return 0
    if not arguments or arguments[0].startswith("-"):
        arguments.insert(0, "window")
    name, rest = arguments[0], arguments[1:]
    if name not in COMMANDS:
        print(f"steadyscope: there is no command '{name}'. Choose one of: {', '.join(COMMANDS)}.", file=sys.stderr)
        return USER_ERROR
    module_name, help_line = COMMANDS[name]
    module = importlib.import_module(module_name)
    parser = argparse.ArgumentParser(prog=f"steadyscope {name}", description=help_line)
    module.add_arguments(parser)
    try:
        return int(module.run(parser.parse_args(rest)))
    except EngineError as error:
        print(f"steadyscope: {error.sentence} {error.remedy}", file=sys.stderr)
        return USER_ERROR
    except KeyboardInterrupt:
        print("steadyscope: interrupted.", file=sys.stderr)
        return INTERRUPTED


def leave_cores_to_the_network() -> None:
    """OpenCV works on the thread that calls it where cores are few; before its import, in child processes too."""
    if (os.cpu_count() or 1) <= FEW_CORES:
        os.environ.setdefault("OPENCV_FOR_THREADS_NUM", "1")


def overview() -> str:
    """The help page: every command with its line."""
    width = max(map(len, COMMANDS))
    rows = "\n".join(f"  {name:<{width}}  {help_line}" for name, (_, help_line) in COMMANDS.items())
    return f"usage: steadyscope [COMMAND] [options]\n\n{rows}\n\nsteadyscope COMMAND --help says more."
