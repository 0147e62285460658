"""The settings in the files of each nfs-utils, and the kernel's report."""

from __future__ import annotations

import pytest

from nfs_server.server.settings import (
    VERSIONS,
    Settings,
    parse_versions,
    render_conf,
    render_defaults,
    restore_defaults,
)

DEBIAN_DEFAULTS = (
    '# Number of servers\nRPCNFSDCOUNT=8\n\nRPCNFSDPRIORITY=0\nRPCMOUNTDOPTS="--manage-gids"\n'
)


def test_nfs_conf_holds_only_what_is_set() -> None:
    """Without settings there is no text."""
    assert render_conf(Settings(0, ())) == ""
    assert render_conf(Settings(16, ())) == "[nfsd]\nthreads=16\n"
    assert render_conf(Settings(0, ("4.1", "4.2"))).splitlines() == [
        "[nfsd]", "vers4=y", "vers3=n", "vers4.0=n", "vers4.1=y", "vers4.2=y",
    ]  # fmt: skip
    assert "vers4=n" in render_conf(Settings(0, ("3",)))


def test_variables_of_18_04_are_replaced_and_restored() -> None:
    """The previous lines are commented out and come back."""
    settings = Settings(16, ("4.0", "4.1", "4.2"))
    text = render_defaults(DEBIAN_DEFAULTS, settings)
    lines = [line for line in text.splitlines() if not line.startswith("#")]

    assert [line.split(" #")[0] for line in lines if line] == [
        "RPCNFSDPRIORITY=0", 'RPCMOUNTDOPTS="--manage-gids"', "RPCNFSDCOUNT=16",
        'RPCNFSDOPTS="-N 3"',
    ]  # fmt: skip
    assert render_defaults(text, settings) == text
    assert restore_defaults(text) == DEBIAN_DEFAULTS
    assert render_defaults(text, Settings(0, ())) == DEBIAN_DEFAULTS


@pytest.mark.parametrize(
    ("versions", "options"),
    [(("3",), "-N 4"), (("3", "4.0"), "-N 4.1 -N 4.2"), (("4.0", "4.2"), "-N 3 -N 4.1"),
     (VERSIONS, "")],
)  # fmt: skip
def test_versions_are_options_of_rpc_nfsd_on_18_04(
    versions: tuple[str, ...], options: str
) -> None:
    """One option turns off all of version 4; `-N 4.0` never appears."""
    assert f'RPCNFSDOPTS="{options}" ' in render_defaults("", Settings(0, versions))


@pytest.mark.parametrize(
    ("text", "available", "served"),
    [
        ("-2 +3 +4 +4.1 +4.2\n", "3 4.0 4.1 4.2", "3 4.0 4.1 4.2"),
        ("-2 -3 +4 -4.0 +4.1 +4.2\n", "3 4.0 4.1 4.2", "4.1 4.2"),
        ("+3 -4 -4.1 -4.2\n", "3 4.0 4.1 4.2", "3"),
        ("+2 +3 +4 +4.1\n", "3 4.0 4.1", "3 4.0 4.1"),
        ("", "", ""),
    ],
)
def test_versions_that_the_kernel_reports(text: str, available: str, served: str) -> None:
    """4.0 is printed only when it is off."""
    assert parse_versions(text) == (set(available.split()), set(served.split()))
