"""Constraints as each Juju release parses them."""

from __future__ import annotations

import pytest

from botlab.bundle.constraints import constraint_error, has_image_id, size_in_mib
from botlab.juju import Juju

ALL = tuple(Juju)
UP_TO_2_9 = (Juju.V2_6, Juju.V2_9)
FROM_2_9 = (Juju.V2_9, Juju.V3_6, Juju.V4_0)
FROM_3_6 = (Juju.V3_6, Juju.V4_0)
SIZE = "must be a non-negative float with optional M/G/T/P suffix"
ROWS: list[tuple[str, tuple[Juju, ...], str]] = [
    ("", ALL, ""),
    ("mem=4G  cores=2", ALL, ""),
    ("mem=", ALL, ""),
    ("mem= mem=4G", ALL, 'bad "mem" constraint: already set'),
    ("cores=1 cpu-cores=2", ALL, 'bad "cores" constraint: already set'),
    ("cores=1.5", ALL, 'bad "cores" constraint: must be a non-negative integer'),
    ("cores=+1", ALL, 'bad "cores" constraint: must be a non-negative integer'),
    (
        "cores=18446744073709551616",
        ALL,
        'bad "cores" constraint: must be a non-negative integer',
    ),
    ("mem=1.5T", ALL, ""),
    ("mem=1_0G", ALL, ""),
    ("mem=0x1p4", ALL, ""),
    ("mem=nan", ALL, ""),
    ("mem=-0", ALL, ""),
    ("mem=-1", ALL, f'bad "mem" constraint: {SIZE}'),
    ("mem=5K", ALL, f'bad "mem" constraint: {SIZE}'),
    ("mem=G", ALL, f'bad "mem" constraint: {SIZE}'),
    ("mem=1e999", ALL, f'bad "mem" constraint: {SIZE}'),
    ("mem=4G\tcores=1", ALL, f'bad "mem" constraint: {SIZE}'),
    ("x", ALL, 'malformed constraint "x"'),
    ("=x", ALL, 'malformed constraint "=x"'),
    ("foo=1", ALL, 'unknown constraint "foo"'),
    ("MEM=1", ALL, 'unknown constraint "MEM"'),
    ("tags=a\\ b", (Juju.V2_6,), 'malformed constraint "b"'),
    ("tags=a\\ b", FROM_2_9, ""),
    ("root-disk-source=pool1", ALL, ""),
    ("instance-role=r", (Juju.V2_6,), 'unknown constraint "instance-role"'),
    ("instance-role=r", FROM_2_9, ""),
    ("image-id=x", UP_TO_2_9, 'unknown constraint "image-id"'),
    ("image-id=x", FROM_3_6, ""),
    ("allocate-public-ip=true allocate-public-ip=", FROM_2_9, ""),
    (
        "allocate-public-ip=yes",
        FROM_2_9,
        "bad \"allocate-public-ip\" constraint: must be 'true' or 'false'",
    ),
    ("arch=i386", UP_TO_2_9, ""),
    ("arch=armhf", UP_TO_2_9, ""),
    ("arch=riscv64", UP_TO_2_9, 'bad "arch" constraint: "riscv64" not recognized'),
    ("arch=i386", FROM_3_6, 'bad "arch" constraint: "i386" not recognized'),
    ("arch=armhf", FROM_3_6, 'bad "arch" constraint: "armhf" not recognized'),
    ("arch=riscv64", FROM_3_6, ""),
    ("container=none", ALL, ""),
    ("container=lxc", ALL, 'bad "container" constraint: invalid container type "lxc"'),
    ("container=foo", ALL, 'bad "container" constraint: invalid container type "foo"'),
    ("container=kvm", (*UP_TO_2_9, Juju.V3_6), ""),
    ("container=kvm", (Juju.V4_0,), 'bad "container" constraint: invalid container type "kvm"'),
    ("spaces=a,^b", ALL, ""),
    ("spaces=^^a", ALL, 'bad "spaces" constraint: "^a" is not a valid space name'),
    ("spaces=A", ALL, 'bad "spaces" constraint: "A" is not a valid space name'),
]


@pytest.mark.parametrize(
    ("text", "juju", "message"),
    [(text, juju, message) for text, releases, message in ROWS for juju in releases],
)
def test_constraints_are_judged_as_by_the_juju_release(
    text: str, juju: Juju, message: str
) -> None:
    """An empty message means that the release accepts them."""
    assert constraint_error(text, juju) == message


@pytest.mark.parametrize("juju", FROM_3_6)
def test_image_in_a_base_is_refused_after_all_other_faults(juju: Juju) -> None:
    """An empty image is none."""
    message = "'image-id' constraint in a base bundle not supported"

    assert constraint_error("image-id=x mem=4G", juju, in_base=True) == message
    assert constraint_error("image-id=x foo=1", juju, in_base=True) == 'unknown constraint "foo"'
    assert constraint_error("image-id=", juju, in_base=True) == ""
    assert (has_image_id("mem=1 image-id=x", juju), has_image_id("image-id=", juju)) == (
        True,
        False,
    )


@pytest.mark.parametrize(
    ("text", "size"), [("16G", 16384.0), ("1_0", 10.0), ("0x1p4M", 16.0), ("5K", None), ("", None)]
)
def test_size_is_read_as_juju_reads_it(text: str, size: float | None) -> None:
    """In MiB."""
    assert size_in_mib(text) == size
