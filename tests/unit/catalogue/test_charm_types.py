"""The types of the values in a charm's files."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from botlab.catalogue.charm_types import check_config, check_manifest, check_metadata
from botlab.errors import BotlabError

Check = Callable[[Mapping[str, Any], str], None]
ENDPOINTS = "a mapping of interfaces or mappings"


@pytest.mark.parametrize(
    ("check", "content"),
    [
        (check_metadata, {}),
        (
            check_metadata,
            {
                "name": "a",
                "subordinate": True,
                "provides": {"x": "http", "y": {"interface": "http"}},
                "requires": {},
                "peers": None,
                "series": ["focal"],
                "storage": {"data": {"type": "filesystem"}},
                "resources": {"file": {}},
                "extra-bindings": {"public": None},
                "unknown": 3,
            },
        ),
        (check_config, {"options": {"a": {"type": "int"}}}),
        (check_config, {"options": None}),
        (check_manifest, {"bases": [{"name": "ubuntu"}]}),
        (check_manifest, {"bases": []}),
    ],
)
def test_files_of_a_charm_are_accepted(check: Check, content: dict[str, Any]) -> None:
    """A key without a value counts as missing, and unknown keys are not read."""
    check(content, "file")


@pytest.mark.parametrize(
    ("check", "key", "value", "description"),
    [
        (check_metadata, "name", 3, "a string"),
        (check_metadata, "subordinate", "yes", "true or false"),
        (check_metadata, "subordinate", 1, "true or false"),
        (check_metadata, "provides", "http", ENDPOINTS),
        (check_metadata, "provides", ["http"], ENDPOINTS),
        (check_metadata, "requires", {"x": 3}, ENDPOINTS),
        (check_metadata, "requires", {"x": None}, ENDPOINTS),
        (check_metadata, "peers", {3: "http"}, ENDPOINTS),
        (check_metadata, "series", "focal", "a list of strings"),
        (check_metadata, "series", ["focal", 18.04], "a list of strings"),
        (check_metadata, "storage", {"data": "filesystem"}, "a mapping of mappings"),
        (check_metadata, "storage", ["data"], "a mapping of mappings"),
        (check_metadata, "resources", {"file": None}, "a mapping of mappings"),
        (check_metadata, "resources", {3: {}}, "a mapping of mappings"),
        (check_metadata, "extra-bindings", ["public"], "a mapping"),
        (check_config, "options", {"a": 3}, "a mapping of mappings"),
        (check_config, "options", [], "a mapping of mappings"),
        (check_manifest, "bases", {}, "a list of mappings"),
        (check_manifest, "bases", ["ubuntu"], "a list of mappings"),
    ],
)
def test_value_of_another_type_is_refused(
    check: Check, key: str, value: object, description: str
) -> None:
    """The message names the file and the key."""
    with pytest.raises(BotlabError) as raised:
        check({key: value}, "old.charm: metadata.yaml")
    assert str(raised.value) == f"old.charm: metadata.yaml: {key} must be {description}"
