"""The option external-export, and the options that it excludes."""

from __future__ import annotations

import pytest

from helpers.nfs.defaults import options_with
from labcharm.validators import OptionsError
from nfs_server.external.export import ExternalExport


@pytest.mark.parametrize(
    ("text", "export", "written"),
    [
        ("10.0.0.9:/tank/k8s", ("10.0.0.9", "/tank/k8s"), "10.0.0.9:/tank/k8s"),
        ("NAS.lab.example:/volume1/k8s/", ("nas.lab.example", "/volume1/k8s"), ""),
        ("[fd00::9]:/tank", ("fd00::9", "/tank"), "[fd00::9]:/tank"),
        ("nas:/mnt", ("nas", "/mnt"), "nas:/mnt"),
    ],
)
def test_export_is_a_server_and_a_path(text: str, export: tuple[str, str], written: str) -> None:
    """Directories that this machine would not export, such as /mnt, are right on a NAS."""
    external = options_with(external_export=text).external

    assert external == ExternalExport(*export)
    assert not written or str(external) == written


def test_this_machine_is_the_server_by_default() -> None:
    assert options_with().external is None


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("nas.lab.example", "is not HOST:/PATH"),
        ("nas.lab.example:tank", "is not HOST:/PATH"),
        (":/tank", "is not HOST:/PATH"),
        ("fd00::9:/tank", "is not HOST:/PATH"),
        ("nas:/", "write a path such as /srv/nfs"),
        ("nas:/tank/../k8s", "write a path such as /srv/nfs"),
        ("nas:/tank $(id)", "write a path such as /srv/nfs"),
        ("10.0.0.0/24:/tank", "neither an address nor a host name"),
        ("*:/tank", "neither an address nor a host name"),
        ("10.0.0.999:/tank", "neither an address nor a host name"),
        ("127.0.0.1:/tank", "would be each node itself"),
        ("localhost:/tank", "would be each node itself"),
        ("localhost.localdomain:/tank", "would be each node itself"),
        ("[::ffff:127.0.0.1]:/tank", "would be each node itself"),
        ("0x7f.1:/tank", "neither an address nor a host name"),
        ("nas.lab.0x7f000001:/tank", "neither an address nor a host name"),
        ("[::1]:/tank", "would be each node itself"),
        ("0.0.0.0:/tank", "would be each node itself"),
    ],
)
def test_malformed_export_is_refused(text: str, problem: str) -> None:
    with pytest.raises(OptionsError) as raised:
        options_with(external_export=text)

    assert str(raised.value).startswith("external-export: ")
    assert problem in str(raised.value)


def test_options_of_this_machine_s_server_are_refused_beside_it() -> None:
    """Who sets `networks` expects that nobody else can mount the claims."""
    with pytest.raises(OptionsError) as raised:
        options_with(external_export="nas:/tank", networks="10.0.0.0/24", threads=16)

    assert str(raised.value) == (
        "external-export is set, so networks, threads would have no effect; reset them"
    )
