"""Work that is neither live nor recorded gives way: it takes what the others leave of the processor."""

from __future__ import annotations

import contextlib
import os
import sys
import threading

STEPS_BELOW = 5  # of niceness, under the thread that started it: a third of its share on a full processor


def give_way() -> None:
    """Lower the calling thread's priority; called first thing on its own thread. Linux alone has that per thread.

    Not for the recorder: on a full processor its queue grew, and what is queued is what a killed program loses.
    """
    if sys.platform == "linux":
        thread = threading.get_native_id()
        with contextlib.suppress(OSError):  # a sandbox may forbid it: then it is as before
            os.setpriority(os.PRIO_PROCESS, thread, os.getpriority(os.PRIO_PROCESS, thread) + STEPS_BELOW)
