"""Work that is not live gives way: recorder and replay buffer take what the live path leaves of the processor."""

from __future__ import annotations

import contextlib
import os
import sys
import threading

# Below the thread that started it: half the share of a live thread on a full processor, so that the recorder still
# keeps up with both streams.
STEPS_BELOW = 3


def give_way() -> None:
    """Lower the calling thread's priority; called first thing on its own thread. Linux alone has that per thread."""
    if sys.platform == "linux":
        thread = threading.get_native_id()
        with contextlib.suppress(OSError):  # a sandbox may forbid it: then it is as before
            os.setpriority(os.PRIO_PROCESS, thread, os.getpriority(os.PRIO_PROCESS, thread) + STEPS_BELOW)
