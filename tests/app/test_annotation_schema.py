"""The published schema describes what is written: judged by the few keywords of JSON Schema that it uses."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from engine.annotation.interchange import to_json
from engine.annotation.shapes import FEWEST_POINTS, IDENTITY, Annotation, Drawing, Kind, Space

SCHEMA = json.loads((Path(__file__).parents[2] / "docs" / "annotation-schema.json").read_text(encoding="utf-8"))
TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "null": (type(None),),
}
KNOWN = {
    *("$schema", "$id", "$defs", "$ref", "title", "description", "type", "required", "properties", "items", "const"),
    *("enum", "anyOf", "minimum", "maximum", "minItems", "maxItems", "minLength", "additionalProperties"),
}


def faults(value: Any, schema: dict[str, Any], at: str = "") -> list[str]:
    """What is wrong with `value`, empty if nothing is."""
    assert set(schema) <= KNOWN, f"this test does not know {set(schema) - KNOWN}"
    if "$ref" in schema:
        schema = SCHEMA["$defs"][schema["$ref"].rsplit("/", 1)[1]]
    if "anyOf" in schema:
        found = [faults(value, one, at) for one in schema["anyOf"]]
        return [] if any(not one for one in found) else found[-1]
    if _is_misfit(value, schema):
        return [f"{at} is {type(value).__name__}"]
    wrong = [f"{at} is {value!r}"] if _is_out_of_bounds(value, schema) else []
    if isinstance(value, list):
        for number, item in enumerate(value):
            wrong += faults(item, schema.get("items", {}), f"{at}[{number}]")
    if isinstance(value, dict):
        known = schema.get("properties", {})
        wrong += [f"{at}.{name} is missing" for name in schema.get("required", []) if name not in value]
        if schema.get("additionalProperties") is False:
            wrong += [f"{at}.{name} is unknown" for name in value if name not in known]
        for name in value.keys() & known.keys():
            wrong += faults(value[name], known[name], f"{at}.{name}")
    return wrong


def _is_misfit(value: Any, schema: dict[str, Any]) -> bool:
    """Is it of another type? For Python a boolean is an integer, for JSON it is not."""
    names = schema.get("type", [])
    allowed = tuple(kind for name in ([names] if isinstance(names, str) else names) for kind in TYPES[name])
    return bool(allowed) and (not isinstance(value, allowed) or (isinstance(value, bool) and bool not in allowed))


def _is_out_of_bounds(value: Any, schema: dict[str, Any]) -> bool:
    """Is it another value, too small, too large, too short or too long?"""
    if value != schema.get("const", value) or value not in schema.get("enum", [value]):
        return True
    if isinstance(value, str):
        return len(value) < schema.get("minLength", 0)
    if isinstance(value, list):
        return not schema.get("minItems", 0) <= len(value) <= schema.get("maxItems", len(value))
    if isinstance(value, int | float):
        return not schema.get("minimum", value) <= value <= schema.get("maximum", value)
    return False


def written(kind: Kind) -> dict[str, Any]:
    """An export with one annotation."""
    count = FEWEST_POINTS[kind]
    points = tuple((0.1 * number, 0.2) for number in range(count))
    drawing = Drawing(points, Space.STABILIZED, IDENTITY, (640, 480), True) if count else None
    entry = Annotation(kind, 5, "caries", end_ns=9, text="here", tooth=36, drawing=drawing, author="me", created="now")
    text = to_json([entry], {"id": "s", "duration_ns": 10, "streams": ["raw"], "source": {"name": "Demo"}})
    document: dict[str, Any] = json.loads(text)
    return document


@pytest.mark.parametrize("kind", list(Kind), ids=lambda kind: kind.value)
def test_every_kind_is_written_as_the_schema_says(kind: Kind) -> None:
    assert faults(written(kind), SCHEMA) == []


@pytest.mark.parametrize(
    ("field", "value"),
    [("kind", "circle"), ("start_ns", -1), ("tooth_fdi", 9), ("id", ""), ("text", None), ("surprise", 1)],
)
def test_the_schema_refuses_what_was_never_written(field: str, value: object) -> None:
    document = written(Kind.RECTANGLE)
    document["annotations"][0][field] = value
    assert faults(document, SCHEMA)


def test_the_schema_refuses_a_transform_of_eight_numbers() -> None:
    document = written(Kind.ARROW)
    document["annotations"][0]["drawing"]["stabilized_from_raw"].pop()
    assert faults(document, SCHEMA)


def test_the_schema_names_every_kind() -> None:
    assert set(SCHEMA["$defs"]["annotation"]["properties"]["kind"]["enum"]) == {kind.value for kind in Kind}
