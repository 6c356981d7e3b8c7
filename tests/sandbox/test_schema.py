"""The request checks, generated from bfl_endpoints.json: every bound of every field from both sides."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tools.sandbox.endpoints import SOURCE, FieldSpec, load_endpoints, makes_pictures
from tools.sandbox.schema import parse_ratio, validate

ENDPOINTS = load_endpoints()
ROWS = {row["path"]: row for row in json.loads(SOURCE.read_text(encoding="utf-8"))}
FIELDS = [(path, name) for path in ENDPOINTS for name in ROWS[path]["fields"]]

VALUES: dict[str, Any] = {"string": "text", "integer": 512, "number": 2.0, "boolean": True, "array": ["text"]}
WRONG_TYPES: dict[str, tuple[Any, ...]] = {
    "string": (1, True, ["text"], {}),
    "integer": ("512", 512.5, True, []),
    "number": ("2.0", True, {}),
    "boolean": (1, 0, "true"),
    "array": (1, {}, True),
}
TEXTS = {"aspect_ratio": "4:3", "webhook_url": "https://example.org/hook"}


def good_value(row: dict[str, Any], name: str) -> Any:
    """A value inside all bounds of a field."""
    if row["enum"]:
        return row["enum"][0]
    kind = row["type"].split("|")[0]
    if kind == "string":
        return TEXTS.get(name, "text")
    low, high = row["min"], row["max"]
    return VALUES[kind] if low is None else (low if high is None or high >= low else high)


def valid_body(path: str) -> dict[str, Any]:
    """The required fields of an endpoint, and one control picture where one of two is needed."""
    fields = ROWS[path]["fields"]
    body = {name: good_value(row, name) for name, row in fields.items() if row["required"]}
    if "preprocessed_image" in fields:
        body["control_image"] = "text"
    return body


def mistakes(path: str, **changes: Any) -> set[tuple[str, str]]:
    """(field, error type) of the body with some fields changed."""
    errors = validate(ENDPOINTS[path], {**valid_body(path), **changes})
    return {(str(error.loc[0]), error.type) for error in errors}


@pytest.mark.parametrize("path", ENDPOINTS)
def test_required_fields_are_enough(path: str) -> None:
    assert validate(ENDPOINTS[path], valid_body(path)) == []


@pytest.mark.parametrize("path", ENDPOINTS)
def test_every_missing_required_field_is_named(path: str) -> None:
    required = {name for name, row in ROWS[path]["fields"].items() if row["required"]}
    missing = {error.loc[0] for error in validate(ENDPOINTS[path], {}) if error.type == "missing"}
    assert missing == required


@pytest.mark.parametrize(("path", "name"), FIELDS)
def test_types_and_null(path: str, name: str) -> None:
    row = ROWS[path]["fields"][name]
    kinds = row["type"].split("|")
    wrong = [value for value in WRONG_TYPES[kinds[0]] if not ("array" in kinds and isinstance(value, list))]
    for value in wrong:
        assert any(field == name for field, _ in mistakes(path, **{name: value})), value
    refused_null = any(field == name and kind.endswith("_type") for field, kind in mistakes(path, **{name: None}))
    assert refused_null != ("null" in kinds)


@pytest.mark.parametrize(("path", "name"), FIELDS)
def test_bounds_from_both_sides(path: str, name: str) -> None:
    row = ROWS[path]["fields"][name]
    step = row["multiple_of"] or 1
    if row["min"] is not None:
        assert mistakes(path, **{name: row["min"]}) == set()
        assert (name, "greater_than_equal") in mistakes(path, **{name: row["min"] - step})
    if row["max"] is not None:
        assert mistakes(path, **{name: row["max"]}) == set()
        assert (name, "less_than_equal") in mistakes(path, **{name: row["max"] + step})
    if row["multiple_of"]:
        assert mistakes(path, **{name: row["min"] + 1}) == {(name, "multiple_of")}


@pytest.mark.parametrize(("path", "name"), [pair for pair in FIELDS if ROWS[pair[0]]["fields"][pair[1]]["enum"]])
def test_choices(path: str, name: str) -> None:
    for choice in ROWS[path]["fields"][name]["enum"]:
        assert mistakes(path, **{name: choice}) == set()
    assert mistakes(path, **{name: "gif"}) == {(name, "enum")}


@pytest.mark.parametrize("path", ENDPOINTS)
def test_unknown_fields_are_rejected_only_by_strict_endpoints(path: str) -> None:
    strict = ROWS[path]["extra_fields"].startswith("rejected")
    assert mistakes(path, style="oil") == ({("style", "extra_forbidden")} if strict else set())


def test_the_strict_endpoints_are_the_known_two() -> None:
    assert {path for path, spec in ENDPOINTS.items() if spec.strict} == {
        "/v1/flux-3-image",
        "/v1/flux-tools/outpainting-v1",
    }


def test_current_and_deprecated_generation_endpoints_are_answered() -> None:
    answered = {path for path, row in ROWS.items() if makes_pictures(row)}
    assert answered == set(ENDPOINTS)
    assert {"/v1/flux-2-pro", "/v1/flux-pro", "/v1/flux-kontext-max", "/v1/flux-tools/erase-v1"} <= answered
    assert answered.isdisjoint({"/v1/finetune", "/v1/get_result", "/v1/flux-3-video", "/v1/flux-2-flex-outpainting"})


def default_rows() -> Iterator[tuple[str, str, Any]]:
    for path, name in FIELDS:
        row = ROWS[path]["fields"][name]
        if row["has_default"] and row["min"] is not None and row["default"] is not None:
            yield path, name, row["default"]


def test_the_server_does_not_check_its_own_defaults() -> None:
    below = {(path, name) for path, name, default in default_rows() if default < ROWS[path]["fields"][name]["min"]}
    assert ("/v1/flux-2-pro", "width") in below
    assert mistakes("/v1/flux-2-pro") == set()
    assert mistakes("/v1/flux-2-pro", width=0) == {("width", "greater_than_equal")}


@pytest.mark.parametrize(
    "url", ["", "ftp://example.org", "/relative", "http://", "https://x/" + "y" * 2083, "http://["]
)
def test_webhook_urls(url: str) -> None:
    assert {field for field, _ in mistakes("/v1/flux-2-pro", webhook_url=url)} == {"webhook_url"}


@pytest.mark.parametrize("text", ["16:9", "21:9", "9:21", "7:3", "1:1"])
def test_good_ratios(text: str) -> None:
    assert mistakes("/v1/flux-kontext-pro", aspect_ratio=text) == set()


@pytest.mark.parametrize("text", ["", "16x9", "22:9", "9:22", "0:1", "1:0", "-1:1", "1:1:1", "²:1", "9" * 20 + ":9"])
def test_bad_ratios(text: str) -> None:
    assert mistakes("/v1/flux-kontext-pro", aspect_ratio=text) == {("aspect_ratio", "value_error")}


@pytest.mark.parametrize(
    ("path", "changes", "field"),
    [
        ("/v1/flux-2-pro", {"width": 2049, "height": 2048}, "width"),
        ("/v1/flux-2-pro", {"width": 10**9}, "width"),
        ("/v1/flux-tools/outpainting-v1", {"width": 4096, "height": 1025}, "width"),
        ("/v1/flux-2-max", {"transparent_bg": True}, "transparent_bg"),
        ("/v1/flux-pro-1.0-canny", {"control_image": None}, "preprocessed_image"),
        ("/v1/flux-3-image", {"images": ["a"] * 11}, "images"),
        ("/v1/flux-3-image", {"images": ["a", 1]}, "images"),
        ("/v1/flux-pro-1.1-ultra", {"image_prompt_strength": float("nan")}, "image_prompt_strength"),
    ],
)
def test_rules_beyond_single_fields(path: str, changes: dict[str, Any], field: str) -> None:
    assert {name for name, _ in mistakes(path, **changes)} == {field}


@pytest.mark.parametrize("body", [[], "text", 1, None])
def test_a_body_that_is_no_object(body: object) -> None:
    errors = validate(ENDPOINTS["/v1/flux-2-pro"], body)
    assert [error.as_json()["loc"] for error in errors] == [["body"]]


def test_errors_have_fastapis_shape() -> None:
    (error,) = validate(ENDPOINTS["/v1/flux-2-pro"], {"prompt": "x", "safety_tolerance": 6})
    assert error.as_json() == {
        "loc": ["body", "safety_tolerance"],
        "msg": "Input should be less than or equal to 5",
        "type": "less_than_equal",
    }


def test_parse_ratio() -> None:
    assert parse_ratio("16:9") == 16 / 9
    assert parse_ratio("auto") is None


def test_picture_fields_are_recognised() -> None:
    def fields(path: str) -> tuple[str, ...]:
        return ENDPOINTS[path].picture_fields

    assert fields("/v1/flux-pro-1.0-fill") == ("image", "mask")
    assert len(fields("/v1/flux-2-pro")) == 8
    assert set(fields("/v1/flux-tools/vto-v2")) == {"person", "garment"}
    assert fields("/v1/flux-pro-1.1-ultra") == ("image_prompt",)
    assert not FieldSpec(
        name="image_prompt_strength", kinds=("number",), nullable=False, required=False
    ).carries_picture
