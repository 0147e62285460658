"""The hosts that are reached without a proxy, in all forms in which people write them."""

from __future__ import annotations

import pytest

from labcharm.no_proxy import destination, is_exempt


@pytest.mark.parametrize(
    ("host", "no_proxy"),
    [
        ("localhost", ""),
        ("127.0.0.1", ""),
        ("127.8.0.1", "lab.example"),
        ("::1", ""),
        ("anything.example", "*"),
        ("anything.example", "other.example *"),
        ("files.lab.example", "lab.example"),
        ("files.lab.example", ".lab.example"),
        ("files.lab.example", "*.lab.example"),
        ("lab.example", "lab.example"),
        ("lab.example", ".lab.example"),
        ("lab.example.", "lab.example"),
        ("Files.Lab.Example", "lab.EXAMPLE"),
        ("files.lab.example", "a.example, lab.example ,b.example"),
        ("files.lab.example", "a.example lab.example"),
        ("files.lab.example", "lab.example:443"),
        ("10.0.0.5", "10.0.0.5"),
        ("10.0.0.5", "10.0.0.5:443"),
        ("10.0.0.5", "192.168.0.0/16,10.0.0.0/24"),
        ("10.0.0.5", "10.0.0.1/24"),  # host bits are set, as people write it
        ("fd00::5", "fd00::5"),
        ("fd00::5", "[fd00::5]"),
        ("fd00::5", "[fd00::5]:443"),
        ("fd00:0:0::5", "fd00::/64"),
        ("::ffff:10.0.0.5", "10.0.0.0/24"),
    ],
)
def test_destination_is_reached_directly(host: str, no_proxy: str) -> None:
    assert is_exempt(destination("https", host, None), no_proxy)


@pytest.mark.parametrize(
    ("host", "no_proxy"),
    [
        ("files.example", ""),
        ("files.example", "lab.example"),
        ("lab.example", "files.lab.example"),
        ("mylab.example", "lab.example"),
        ("files.lab.example", "lab.example:80"),
        ("10.0.1.5", "10.0.0.0/24"),
        ("10.0.0.55", "10.0.0.5"),
        ("10.0.0.5", "10.0.0.5:8443"),
        ("10.0.0.5", "0.5"),
        ("files.lab.example", "10.0.0.0/8"),
        ("10.0.0.5", "10.0.0.0/33"),
        ("10.0.0.5", "fd00::/8"),
        ("fd00::5", "fd01::/64"),
        ("fd00::5", "[fd00::5]:8443"),
        ("files.example", "., ,"),
    ],
)
def test_destination_is_reached_through_the_proxy(host: str, no_proxy: str) -> None:
    assert not is_exempt(destination("https", host, None), no_proxy)


def test_port_of_the_scheme_counts_where_the_url_names_none() -> None:
    assert is_exempt(destination("http", "lab.example", None), "lab.example:80")
    assert not is_exempt(destination("http", "lab.example", 8080), "lab.example:80")
