"""Editing containerd's config.toml as text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.containerd import edit, take_out
from reconciler.settings import Wish

WISH = Wish("/usr/bin/nvidia-container-runtime", (), True)
OFF = WISH._replace(default=False)
V2 = """version = 2
[plugins]
  [plugins."io.containerd.grpc.v1.cri".containerd]
    default_runtime_name = "kata" # chosen by the lab
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.kata]
      runtime_type = "io.containerd.kata.v2"
"""
V3 = "version = 3\n[plugins.'io.containerd.cri.v1.runtime'.containerd]\n  x = 1\n"
V1 = '[plugins]\n  [plugins.cri.containerd]\n    no_pivot = false\n[plugins.cri.cni]\n  a = "b"\n'


@pytest.mark.parametrize(
    "text", [V2, V3, V1, "version = 2\n", "", "version = 2\n[debug]\n  x = 1"]
)
@pytest.mark.parametrize("wish", [WISH, OFF])
def test_editing_is_stable_and_comes_undone(text: str, wish: Wish) -> None:
    """Twice is once, and taking out gives the text that was there."""
    once = edit(text, wish).text

    assert edit(once, wish).text == once
    assert ('default_runtime_name = "nvidia"' in once) is wish.default
    assert "containerd.runtimes.nvidia]" in once
    assert take_out(once).rstrip("\n") == text.rstrip("\n")


def test_a_default_of_another_is_kept_for_later() -> None:
    """It stands behind ours as a comment, and comes back with its own comment."""
    once = edit(V2, WISH).text

    assert once.count("\n    default_runtime_name") == 1
    assert take_out(once) == V2
    assert edit(once, OFF).text.startswith(V2)


@pytest.mark.parametrize("quote", ['"', "'"])
def test_a_runtime_nvidia_of_somebody_else_is_not_doubled(quote: str) -> None:
    """Two tables of one name are no TOML: containerd would not start."""
    name = f"{quote}io.containerd.grpc.v1.cri{quote}"
    text = f"version = 2\n[plugins.{name}.containerd.runtimes.nvidia]\n  a = 1\n"
    found = edit(text, WISH)

    assert found.text == text
    assert "not this charm's" in found.problems[0]


def test_an_unknown_version_is_left_alone() -> None:
    """What version 9 means is not known."""
    assert edit("version = 9\n", WISH).text == "version = 9\n"
    assert edit("version = 9\n", WISH).problems


LINES = st.lists(
    st.sampled_from([*V2.splitlines(), *V1.splitlines()[1:], "  default_runtime_name='x'", ""])
)


@given(LINES, st.booleans())
def test_nothing_of_others_is_lost(lines: list[str], default: bool) -> None:
    """Whatever the lines: taking us out gives them back."""
    text = "\n".join(lines) + "\n" if lines else ""
    once = edit(text, WISH._replace(default=default)).text

    assert take_out(once).rstrip("\n") == text.rstrip("\n")
    assert edit(once, WISH._replace(default=default)).text == once
