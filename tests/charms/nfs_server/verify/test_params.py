"""The parameters of the action `verify`."""

from __future__ import annotations

from typing import Any

import pytest

from nfs_server.verify.params import VerifyParams, read_params


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({}, VerifyParams("busybox:1.36", "default", 120.0)),
        (
            {"image": "", "namespace": "", "timeout": 0},
            VerifyParams("busybox:1.36", "default", 120.0),
        ),
        ({"image": "b:1", "namespace": "n", "timeout": 5}, VerifyParams("b:1", "n", 5.0)),
    ],
)
def test_empty_parameters_have_defaults(params: dict[str, Any], expected: VerifyParams) -> None:
    assert read_params(params, "") == expected


def test_default_image_comes_from_the_registry_of_the_lab() -> None:
    registry = "registry.lab.example:5000/mirror"
    assert read_params({}, registry).image == f"{registry}/library/busybox:1.36"
    assert read_params({"image": "b:1"}, registry).image == "b:1"
