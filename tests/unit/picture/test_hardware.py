"""The hardware of a machine in short texts."""

from __future__ import annotations

import pytest

from botlab.bundle.constraints import split_constraints
from botlab.picture.hardware import hardware_texts, size_text, zone_of


@pytest.mark.parametrize(
    ("constraints", "texts"),
    [
        ("", ()),
        ("tags=node0 arch=amd64", ()),
        (
            "cores=8 mem=32G root-disk=1T arch=arm64",
            ("≥ 8 cores", "≥ 32 GiB memory", "≥ 1 TiB disk", "arm64"),
        ),
        ("cores=1 mem=0", ("≥ 1 core",)),
        ("cores=0 mem=much", ()),
    ],
)
def test_constraints_are_lower_limits(constraints: str, texts: tuple[str, ...]) -> None:
    assert hardware_texts(dict(split_constraints(constraints)), are_limits=True) == texts


def test_hardware_of_a_running_machine_is_exact() -> None:
    hardware = {"arch": "amd64", "cores": "64", "mem": "515072M", "root-disk": "953869M"}

    assert hardware_texts(hardware, are_limits=False) == (
        "64 cores",
        "503 GiB memory",
        "931.5 GiB disk",
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("512", "512 MiB"), ("1024M", "1 GiB"), ("1.5G", "1.5 GiB"), ("2048T", "2 PiB"), ("", ""),
        ("1e9P", "976562.5 EiB"), ("-1", ""),
    ],
)  # fmt: skip
def test_size(text: str, expected: str) -> None:
    assert size_text(text) == expected


@pytest.mark.parametrize(
    ("values", "zone"),
    [
        ({"zones": "rack-a"}, "rack-a"),
        ({"availability-zone": "rack-b"}, "rack-b"),
        ({"zones": "rack-a,rack-b"}, ""),
        ({"zones": ""}, ""),
        ({"zones": "", "availability-zone": "rack-b"}, "rack-b"),
        ({"availability-zone": "default"}, ""),
        ({}, ""),
    ],
)
def test_zone(values: dict[str, str], zone: str) -> None:
    assert zone_of(values) == zone
