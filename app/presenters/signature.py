"""Who made an annotation, and when: the operator of the settings, else the account."""

from __future__ import annotations

import getpass
from datetime import datetime
from typing import Any


def signed(operator: str) -> dict[str, Any]:
    """The fields `author` and `created` of an annotation made now."""
    return {"author": operator or _account(), "created": datetime.now().astimezone().isoformat(timespec="milliseconds")}


def _account() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # an account without a name
        return ""
