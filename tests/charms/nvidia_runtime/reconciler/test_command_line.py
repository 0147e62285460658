"""dockerd's flags."""

from __future__ import annotations

import pytest

from reconciler.command_line import flags_of


@pytest.mark.parametrize(
    ("args", "flags"),
    [
        (["dockerd", "-H", "fd://"], {"hosts": ["fd://"]}),
        (["dockerd", "-Hfd://", "--host=tcp://x"], {"hosts": ["fd://", "tcp://x"]}),
        (["dockerd", "--log-level", "warn", "-D"], {"log-level": ["warn"], "debug": [""]}),
        (["dockerd", "--insecure-registry=a:1"], {"insecure-registries": ["a:1"]}),
    ],
)
def test_flags_have_the_names_of_their_file_keys(
    args: list[str], flags: dict[str, list[str]]
) -> None:
    """Short and long, joined and separate, single and repeated."""
    assert flags_of(args) == flags
