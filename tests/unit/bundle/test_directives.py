"""Storage and device directives as each Juju release parses them."""

from __future__ import annotations

import pytest

from botlab.bundle.directives import device_error, storage_error
from botlab.juju import Juju

ALL = tuple(Juju)
FROM_2_9 = (Juju.V2_9, Juju.V3_6, Juju.V4_0)
FROM_3_6 = (Juju.V3_6, Juju.V4_0)
UP_TO_2_9 = (Juju.V2_6, Juju.V2_9)
UP_TO_3_6 = (*UP_TO_2_9, Juju.V3_6)
STORAGE: list[tuple[str, tuple[Juju, ...], str]] = [
    ("maas,2,10G", ALL, ""),
    ("10G,maas,2", ALL, ""),
    ("maas,", ALL, ""),
    (",,5M,", ALL, ""),
    ("1GiB", ALL, ""),
    ("", UP_TO_3_6, "storage constraints require at least one field to be specified"),
    ("", (Juju.V4_0,), "storage directives require at least one field to be specified"),
    (",", UP_TO_3_6, "storage constraints require at least one field to be specified"),
    ("0G", UP_TO_3_6, "storage constraints require at least one field to be specified"),
    ("0", ALL, 'cannot parse count: count must be greater than zero, got "0"'),
    ("-1", ALL, 'cannot parse count: count must be greater than zero, got "-1"'),
    ("-5M", ALL, 'cannot parse size: expected a non-negative number, got "-5M"'),
    ("x_y,1G", (Juju.V2_6,), ""),
    ("x_y", (Juju.V2_9, Juju.V3_6), 'unrecognized storage constraint "x_y" not valid'),
    ("x_y", (Juju.V4_0,), 'unrecognized storage directive "x_y" not valid'),
    ("1K", (Juju.V2_9,), 'unrecognized storage constraint "1K" not valid'),
    (
        "18446744073709551616",
        (Juju.V3_6,),
        'unrecognized storage constraint "18446744073709551616" not valid',
    ),
    ("a,b", (Juju.V2_6,), ""),
    ("a,b", FROM_2_9, 'pool name is already set to "a", new value "b" not valid'),
    ("maas,10G,20G", UP_TO_2_9, ""),
    ("maas,10G,20G", FROM_3_6, "storage size is already set to 10240, new value 20480 not valid"),
    ("1.5T,1M", FROM_3_6, "storage size is already set to 1572864, new value 1 not valid"),
    ("0.5M,0.0001M", FROM_3_6, "storage size is already set to 1, new value 1 not valid"),
    ("0G,1G", ALL, ""),
    ("2,3", UP_TO_2_9, ""),
    ("2,3", FROM_3_6, "storage instance count is already set to 2, new value 3 not valid"),
    ("2,0", FROM_3_6, 'cannot parse count: count must be greater than zero, got "0"'),
]
FORMAT = (
    "cannot parse device constraints string, supported format is"
    " [<count>,]<device-class>|<vendor/type>[,<key>=<value>;...]"
)
DEVICES = [
    ("gpu", ""),
    ("nvidia.com/gpu", ""),
    ("", ""),
    ("-1", ""),
    ("2,nvidia.com/gpu", ""),
    ("+2,x", ""),
    ("01,x", ""),
    ("1,", ""),
    ("1,nvidia.com/gpu,gpu=p100", ""),
    ("1,x,a=b;c=", ""),
    ("nvidia.com/gpu,gpu=p100", 'count must be greater than zero, got "nvidia.com/gpu"'),
    ("gpu,2", 'count must be greater than zero, got "gpu"'),
    (",x", 'count must be greater than zero, got ""'),
    ("0,x", 'count must be greater than zero, got "0"'),
    ("-1,x", 'count must be greater than zero, got "-1"'),
    ("1.5,x", 'count must be greater than zero, got "1.5"'),
    ("1_0,x", 'count must be greater than zero, got "1_0"'),
    ("9223372036854775808,x", 'count must be greater than zero, got "9223372036854775808"'),
    ("1,x,a", 'device attribute key/value pair has bad format: "a"'),
    ("1,x,", 'device attribute key/value pair has bad format: ""'),
    ("1,x,a=b;", 'device attribute key/value pair has bad format: ""'),
    ("1,x,a=b=c", 'device attribute key/value pair has bad format: "a=b=c"'),
    ("1,x,a=b,c=d", FORMAT),
]


@pytest.mark.parametrize(
    ("text", "juju", "message"),
    [(text, juju, message) for text, releases, message in STORAGE for juju in releases],
)
def test_storage_is_judged_as_by_the_juju_release(text: str, juju: Juju, message: str) -> None:
    """An empty message means that the release accepts it."""
    assert storage_error(text, juju) == message


@pytest.mark.parametrize(("text", "message"), DEVICES)
def test_device_is_judged_as_by_juju(text: str, message: str) -> None:
    """One part is a type, two are COUNT,TYPE, and three have attributes too."""
    assert device_error(text) == message
