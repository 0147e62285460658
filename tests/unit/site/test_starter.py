"""The starter site file."""

from __future__ import annotations

import jsonschema
import pytest
import yaml

from botlab.site.load import Layer, load_site
from botlab.site.schema import site_schema
from botlab.site.starter import starter_text


@pytest.mark.parametrize("juju", ["2.6", "2.9", "3.6", "4.0"])
def test_starter_is_valid_and_matches_the_schema(juju: str) -> None:
    """The starter loads without findings, and the schema accepts it."""
    text = starter_text("lab", juju)

    assert load_site([Layer(text)]).findings == ()
    jsonschema.validate(yaml.safe_load(text), site_schema())
