"""The lock files cover what pyproject.toml asks for."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent
LOCKS = ROOT / "packaging" / "lock"
PIN = re.compile(r"^([A-Za-z0-9._-]+)==(\S+)", re.MULTILINE)


def pins(name: str) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for package, version in PIN.findall((LOCKS / name).read_text(encoding="utf-8")):
        found.setdefault(canonicalize_name(package), set()).add(version)
    return found


def wanted(extra: str | None) -> list[Requirement]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lines = project["dependencies"] if extra is None else project["optional-dependencies"][extra]
    return [Requirement(line) for line in lines]


@pytest.mark.parametrize("requirement", wanted(None), ids=str)
def test_every_runtime_requirement_is_pinned_and_satisfied(requirement: Requirement) -> None:
    versions = pins("runtime.txt").get(canonicalize_name(requirement.name), set())
    assert versions, f"{requirement.name} is not in runtime.txt: run packaging/lock/refresh.sh"
    assert all(requirement.specifier.contains(version) for version in versions)


@pytest.mark.parametrize("requirement", [*wanted("test"), *wanted("models")], ids=str)
def test_every_test_requirement_but_torch_is_pinned_and_satisfied(requirement: Requirement) -> None:
    if requirement.name in ("torch", "steadyscope"):
        assert requirement.extras or str(requirement.specifier).startswith("==")
        return
    versions = pins("runtime.txt") | pins("test.txt")
    pinned = versions.get(canonicalize_name(requirement.name), set())
    assert pinned, f"{requirement.name} is not in test.txt: add it to test.in and run packaging/lock/refresh.sh"
    assert all(requirement.specifier.contains(version) for version in pinned)


@pytest.mark.parametrize("name", ["runtime.txt", "test.txt"])
def test_every_pin_has_a_hash(name: str) -> None:
    text = (LOCKS / name).read_text(encoding="utf-8")
    assert text.count("--hash=sha256:") >= len(PIN.findall(text)) > 0


def test_the_runtime_lock_holds_no_torch() -> None:
    assert "torch" not in pins("runtime.txt")
