"""The bench speaks the user's language: every word of its own, and everything a step says while it runs."""

from __future__ import annotations

import ast
from pathlib import Path
from xml.etree import ElementTree

import resources
from app.presenters import bench_words
from engine import calibration

STEPS = ("guide.py", "steps.py", "picture_step.py", "colour_step.py", "vibration_step.py")
NOT_SHOWN = ("A meter has no result.", "Start the step.")


def translated() -> set[str]:
    tree = ElementTree.parse(resources.path("translations/steadyscope_de.ts"))
    contexts = [one for one in tree.iter("context") if one.findtext("name") == "Bench"]
    return {str(each.findtext("source")) for one in contexts for each in one.iter("message")}


def texts(path: Path, called: str) -> set[str]:
    calls = [one for one in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(one, ast.Call)]
    named = [one for one in calls if getattr(one.func, "id", "") == called and one.args]
    return {one.args[0].value for one in named if isinstance(one.args[0], ast.Constant)}


def test_every_word_of_the_bench_has_its_german() -> None:
    words = texts(Path(str(bench_words.__file__)), "_tr")
    assert len(words) > 60
    assert words <= translated()


def test_every_hint_of_a_step_has_its_german() -> None:
    folder = Path(next(iter(calibration.__path__)))
    for name in STEPS:
        tree = ast.parse((folder / name).read_text("utf-8"))
        documented = (ast.FunctionDef, ast.ClassDef, ast.Module)
        docs = {ast.get_docstring(node) for node in ast.walk(tree) if isinstance(node, documented)}
        constants = [one.value for one in ast.walk(tree) if isinstance(one, ast.Constant)]
        said = {one for one in constants if isinstance(one, str) and one[:1].isupper() and one.endswith(".")}
        refusals = {text for call in ast.walk(tree) if isinstance(call, ast.Call) for text in refused(call)}
        assert said - docs - refusals - set(NOT_SHOWN) <= translated(), name


def refused(call: ast.Call) -> set[str]:
    """Sentences of errors: these are English everywhere."""
    if getattr(call.func, "id", "") != "CalibrationError":
        return set()
    return {one.value for one in call.args if isinstance(one, ast.Constant)}
