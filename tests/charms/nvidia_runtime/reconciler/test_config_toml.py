"""Edits of the text of containerd's config.toml."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.config_toml import edit, remove_edits
from reconciler.settings import RuntimeSettings

DEFAULT = RuntimeSettings("/usr/bin/nvidia-container-runtime", (), is_default=True)
NOT_DEFAULT = DEFAULT._replace(is_default=False)
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
@pytest.mark.parametrize("settings", [DEFAULT, NOT_DEFAULT])
def test_edit_is_idempotent_and_reversible(text: str, settings: RuntimeSettings) -> None:
    """A second edit changes nothing, and removing the edits restores the text."""
    edited = edit(text, settings).text

    assert edit(edited, settings).text == edited
    assert ('default_runtime_name = "nvidia"' in edited) is settings.is_default
    assert "containerd.runtimes.nvidia]" in edited
    assert remove_edits(edited).rstrip("\n") == text.rstrip("\n")


def test_default_of_the_lab_is_kept_and_restored() -> None:
    """It is kept in a comment of the charm's line, with its own comment."""
    edited = edit(V2, DEFAULT).text

    assert edited.count("\n    default_runtime_name") == 1
    assert remove_edits(edited) == V2
    assert edit(edited, NOT_DEFAULT).text.startswith(V2)


@pytest.mark.parametrize("quote", ['"', "'"])
def test_foreign_runtime_named_nvidia_is_not_doubled(quote: str) -> None:
    """Two tables of one name are not valid TOML: containerd would not start."""
    name = f"{quote}io.containerd.grpc.v1.cri{quote}"
    text = f"version = 2\n[plugins.{name}.containerd.runtimes.nvidia]\n  a = 1\n"
    edited = edit(text, DEFAULT)

    assert edited.text == text
    assert "not this charm's" in edited.problems[0]


def test_file_of_an_unknown_version_is_left_alone() -> None:
    """The charm knows versions 1 to 3."""
    assert edit("version = 9\n", DEFAULT).text == "version = 9\n"
    assert edit("version = 9\n", DEFAULT).problems


LINES = st.lists(
    st.sampled_from([*V2.splitlines(), *V1.splitlines()[1:], "  default_runtime_name='x'", ""])
)


@given(LINES, st.booleans())
def test_no_line_is_lost(lines: list[str], is_default: bool) -> None:
    """Whatever the lines are, removing the edits restores them."""
    text = "\n".join(lines) + "\n" if lines else ""
    settings = DEFAULT._replace(is_default=is_default)
    edited = edit(text, settings).text

    assert remove_edits(edited).rstrip("\n") == text.rstrip("\n")
    assert edit(edited, settings).text == edited
