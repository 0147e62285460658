"""Edits of the text of a containerd file."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.config_toml import Edit, Target, edit, remove_edits
from reconciler.settings import RuntimeSettings

DEFAULT = RuntimeSettings("/usr/bin/nvidia-container-runtime", (), is_default=True)
NOT_DEFAULT = DEFAULT._replace(is_default=False)
FILE = "/etc/containerd/config.toml"
CRI1 = Target(FILE, ("plugins", "cri"))
CRI2 = Target(FILE, ("plugins", "io.containerd.grpc.v1.cri"))
CRI3 = Target(FILE, ("plugins", "io.containerd.cri.v1.runtime"))
RUNTIME = {
    ("runtime_type",): '"io.containerd.runc.v2"',
    ("options", "SystemdCgroup"): "true",
    ("options", "BinaryName"): '"/usr/bin/nvidia-container-runtime"',
}
V2 = """version = 2
[plugins]
  [plugins."io.containerd.grpc.v1.cri".containerd]
    default_runtime_name = "kata" # chosen by the lab
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.kata]
      runtime_type = "io.containerd.kata.v2"
"""
V3 = "version = 3\n[plugins.'io.containerd.cri.v1.runtime'.containerd]\n  x = 1\n"
V4 = V3.replace("3", "4")
V1 = '[plugins]\n  [plugins.cri.containerd]\n    no_pivot = false\n[plugins.cri.cni]\n  a = "b"\n'
OLD = """[plugins.cri.containerd]
  [plugins.cri.containerd.default_runtime]
    runtime_type = "io.containerd.runc.v1"
    [plugins.cri.containerd.default_runtime.options]
      NoPivotRoot = true
"""
BLOCK1 = """\
# nvidia-runtime: begin (written before each start of containerd; do not edit)
[plugins.cri.containerd.runtimes.nvidia]
  runtime_type = "io.containerd.runc.v2"
  [plugins.cri.containerd.runtimes.nvidia.options]
    BinaryName = "/usr/bin/nvidia-container-runtime"
    SystemdCgroup = true
"""


def edited(text: str, target: Target = CRI2, settings: RuntimeSettings = DEFAULT) -> Edit:
    """Edit a text."""
    return edit(text, target, RUNTIME, settings)


@pytest.mark.parametrize(
    ("text", "target"),
    [
        (V2, CRI2),
        (V3, CRI3),
        (V4, CRI3),
        (V1, CRI1),
        (OLD, CRI1),
        ("version = 2\n", CRI2),
        ("", CRI1),
        ("version = 2\n[debug]\n  x = 1", CRI2),
        ('plugins.cri.containerd.default_runtime_name = "x"\n', CRI1),
        ("[plugins.cri.containerd.runtimes]\nrunc = { options = { a = 1 } }\n", CRI1),
    ],
)
@pytest.mark.parametrize("settings", [DEFAULT, NOT_DEFAULT])
def test_edit_is_idempotent_and_reversible(
    text: str, target: Target, settings: RuntimeSettings
) -> None:
    """A second edit changes nothing, and removing the edits restores the text."""
    new = edited(text, target, settings)

    assert new.problems == []
    assert edited(new.text, target, settings) == new
    assert ('default_runtime_name = "nvidia"' in new.text) is settings.is_default
    assert "containerd.runtimes.nvidia]" in new.text
    assert remove_edits(new.text).rstrip("\n") == text.rstrip("\n")


def test_default_of_the_lab_is_kept_and_restored() -> None:
    """It is kept in a comment of the charm's line, with its own comment."""
    text = edited(V2).text

    assert text.count("\n    default_runtime_name") == 1
    assert remove_edits(text) == V2
    assert edited(text, settings=NOT_DEFAULT).text.startswith(V2)


def test_table_of_the_default_runtime_is_put_aside() -> None:
    """Releases 1.3 to 1.7 prefer this table to the name of the default."""
    lines = edited(OLD, CRI1).text.splitlines(True)

    assert lines[:2] == [
        "[plugins.cri.containerd]\n",
        '  default_runtime_name = "nvidia"  # by nvidia-runtime\n',
    ]
    assert all(line.startswith("  # by nvidia-runtime, before: ") for line in lines[2:6])
    assert "".join(lines[6:]) == BLOCK1 + "# nvidia-runtime: end\n"
    assert edited(OLD, CRI1, NOT_DEFAULT).text.startswith(OLD)


def test_containerd_without_names_of_defaults_gets_the_table_of_the_default() -> None:
    """Release 1.2 has no other way."""
    target = CRI1._replace(knows_default_name=False)
    text = edited(OLD, target).text

    assert "default_runtime_name" not in text
    assert text.endswith(
        BLOCK1
        + BLOCK1.partition("\n")[2].replace("runtimes.nvidia", "default_runtime")
        + "# nvidia-runtime: end\n"
    )
    assert "[plugins.cri.containerd.default_runtime]" not in edited("", target, NOT_DEFAULT).text
    assert remove_edits(text) == OLD
    assert edited(text, target).text == text


@pytest.mark.parametrize(
    ("text", "table"),
    [
        ("[plugins]\ncri.containerd.snapshotter = 'x'\n", "the table plugins.cri.containerd of d"),
        ("[plugins.cri]\ncontainerd = { a = 1 }\n", "the inline table plugins.cri.containerd"),
        (
            "[plugins.cri.containerd]\nruntimes = { runc = { runtime_type = 'x' } }\n",
            "the inline table plugins.cri.containerd.runtimes",
        ),
    ],
)
def test_table_that_toml_closes_is_a_problem(text: str, table: str) -> None:
    """With a second definition of the table containerd would not start."""
    new = edited(text, CRI1)

    assert new.text == text
    assert new.problems[0].startswith(f"{FILE}: {table}")
    assert new.problems[0].endswith("write it as [table]")


LINES = st.lists(
    st.sampled_from(
        [
            *V2.splitlines(),
            *V1.splitlines()[1:],
            *OLD.splitlines(),
            "  default_runtime_name='x'",
            "",
        ]
    )
)


@given(LINES, st.booleans())
def test_no_line_is_lost(lines: list[str], is_default: bool) -> None:
    """Whatever the lines are, removing the edits restores them."""
    text = "\n".join(lines) + "\n" if lines else ""
    settings = DEFAULT._replace(is_default=is_default)
    for target in (CRI1, CRI2):
        new = edited(text, target, settings).text

        assert remove_edits(new).rstrip("\n") == text.rstrip("\n")
        assert edited(new, target, settings).text == new
