"""containerd's files, and what they say together."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.fake_machine import FakeMachine
from reconciler.config_toml import BEGIN, END, Target, edit, remove_edits
from reconciler.cri_files import (
    dumped_values,
    effective_files,
    last_with_plugin,
    merged_values,
    read_files,
)
from reconciler.settings import RuntimeSettings

MAIN = "/etc/containerd/config.toml"
DIRECTORY = "/etc/containerd/conf.d"
IMPORTING = f'version = 2\nimports = ["{DIRECTORY}/*.toml", "relative.toml"]\n'
CRI = 'plugins."io.containerd.grpc.v1.cri"'
RUNC = f"[{CRI}.containerd.runtimes.runc.options]\nSystemdCgroup = true\n"
REGISTRY = f'[{CRI}.registry]\nconfig_path = "/x"\n'
SYSTEMD = ("containerd", "runtimes", "runc", "options", "SystemdCgroup")


def test_files_are_read_in_containerds_order(machine: FakeMachine) -> None:
    """Imports come after the file that names them; the names of a pattern are sorted."""
    texts = {
        MAIN: IMPORTING,
        f"{DIRECTORY}/b.toml": 'imports = ["../config.toml", "../deep.toml"]\n',
        f"{DIRECTORY}/.a.toml": "version = 3\n",
        f"{DIRECTORY}/c.conf": "not imported",
        "/etc/containerd/relative.toml": "",
        "/etc/containerd/deep.toml": "",
    }
    for path, text in texts.items():
        machine.write(path, text)

    assert [(file.path, file.version) for file in read_files(machine, MAIN)] == [
        (MAIN, 2),
        (f"{DIRECTORY}/.a.toml", 3),
        (f"{DIRECTORY}/b.toml", 2),
        ("/etc/containerd/relative.toml", 2),
        ("/etc/containerd/deep.toml", 2),
    ]


def test_missing_file_is_a_new_one(machine: FakeMachine) -> None:
    files = read_files(machine, MAIN)

    assert [(file.path, file.text, file.version) for file in files] == [(MAIN, None, 2)]
    assert last_with_plugin(files) == files[0]


@pytest.mark.parametrize(
    ("version", "is_merged"), [((1, 7), False), ((2, 0), True), ((2, 3), True), (None, True)]
)
def test_imported_tables_replace_or_extend_those_of_the_file(
    machine: FakeMachine, version: tuple[int, int] | None, is_merged: bool
) -> None:
    """Release 1.x forgets the whole section of the plugin; 2.0 and later merge it."""
    machine.write(MAIN, IMPORTING + RUNC)
    machine.write(f"{DIRECTORY}/registry.toml", REGISTRY)
    files = read_files(machine, MAIN)
    values = merged_values(effective_files(files, version))

    assert last_with_plugin(files).path == f"{DIRECTORY}/registry.toml"
    assert (SYSTEMD in values) is is_merged
    assert values["registry", "config_path"] == '"/x"'


@pytest.mark.parametrize(
    ("version", "plugin"),
    [
        ("", "plugins.cri"),
        ("version = 1\n", "plugins.cri"),
        ("version = 2\n", CRI),
        ("version = 3\n", "plugins.'io.containerd.cri.v1.runtime'"),
        ("version = 4\n", "plugins.'io.containerd.cri.v1.runtime'"),
    ],
)
def test_plugin_is_found_by_the_version_of_the_file(
    machine: FakeMachine, version: str, plugin: str
) -> None:
    text = f"{version}[{plugin}.containerd]\n  default_runtime_name = 'x'\n"
    machine.write(MAIN, text)
    default = {("containerd", "default_runtime_name"): "'x'"}

    assert read_files(machine, MAIN)[0].plugin_values() == default
    assert dumped_values(text) == default


_PIECES = [
    "version = ", "1", "\u00b2", "imports", " = ", "[", "]", "{ a = ", "}", '"', "'", '\\', "#",
    "\n", "  # by nvidia-runtime", ", before: ", BEGIN, END, "plugins.cri.containerd", ".",
    "default_runtime_name", '"""',
]  # fmt: skip


@given(st.lists(st.sampled_from(_PIECES), max_size=40).map("".join), st.text(max_size=9))
def test_no_text_is_an_error(text: str, rest: str) -> None:
    """Every start of containerd runs this code, on a file that anybody may have damaged."""
    text += rest
    dumped_values(text)
    settings = RuntimeSettings("/x", (), is_default=True)
    new = edit(text, Target("/f", ("plugins", "cri")), {("options", "a"): "1"}, settings)

    assert new.problems or remove_edits(new.text) in (
        remove_edits(text),
        remove_edits(text) + "\n",
    )


def test_deep_tables_do_not_exhaust_the_stack() -> None:
    assert dumped_values("a = " + "{ a = " * 5000) == {}
