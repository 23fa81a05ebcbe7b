"""A live session whose network is scripted."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from engine.off import NoStabilizer
from engine.pipeline import Pipeline
from engine.session import Session
from tests.fakes import ScriptedBackend


@pytest.fixture
def backend() -> ScriptedBackend:
    return ScriptedBackend()


@pytest.fixture
def session(backend: ScriptedBackend) -> Iterator[Session]:
    session = Session(lambda _: Pipeline(backend, NoStabilizer()))
    yield session
    session.stop()
    assert session.wait_until_stopped(3.0)
