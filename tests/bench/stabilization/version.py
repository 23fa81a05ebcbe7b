"""Which stabilizer and which weights made a result: kept with each track, so that the report can mark what is old."""

from __future__ import annotations

import ast
import functools
import hashlib
from pathlib import Path

import engine.stabilization
from engine.errors import EngineError
from engine.inference.choose import DEFAULT_MODEL, manifest_path
from engine.inference.signature import read_manifest

_DIGITS = 8


def _without_words(source: str) -> str:
    """The program alone: comments, layout and docstrings change no result."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef)) and ast.get_docstring(node) is not None:
            node.body = node.body[1:]
    return ast.dump(tree)


@functools.cache
def code_version(folder: Path = Path(engine.stabilization.__file__).parent) -> str:
    """Short hash of all modules in `folder`; names count, words do not."""
    modules = [f"{path.name} {_without_words(path.read_text())}" for path in sorted(folder.glob("*.py"))]
    return hashlib.sha256("\n".join(modules).encode()).hexdigest()[:_DIGITS]


@functools.cache
def weights_version(model: str) -> str:
    """The beginning of the weights' own sha256; "none" where there are no such weights. `model` empty: the default."""
    try:
        return read_manifest(manifest_path(model or DEFAULT_MODEL)).sha256[:_DIGITS]
    except EngineError:
        return "none"


def present_version(method: str, model: str = "") -> str:
    """What would make a track of this method now; empty for peers, which do not change with our code."""
    if method.startswith("ours-network"):
        return f"{code_version()}+{weights_version(model)}"
    return code_version() if method.startswith(("ours", "klt")) else ""
