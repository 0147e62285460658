"""The settings that the runtime takes over from the default runtime."""

from __future__ import annotations

import pytest

from reconciler.base_runtime import (
    DEFAULT_TYPE,
    default_name,
    nvidia_runtime,
    program_of,
    uses_systemd,
)
from reconciler.toml_text import Path, values

PROGRAM = "/usr/bin/nvidia-container-runtime"
RUNC = """
[containerd.runtimes.runc]
  runtime_type = "io.containerd.runc.v2"
  privileged_without_host_devices = true
  container_annotations = ["a", 'b']
  options = { SystemdCgroup = true, BinaryName = "/usr/bin/runc" }
"""
CRUN = '[containerd.runtimes.crun]\n runtime_root = "/run/crun"\n'
KATA = '[containerd.runtimes.kata]\n runtime_type = "io.containerd.kata.v2"\n'
OPTIONS = ("options", "BinaryName")


def runtime(text: str) -> dict[Path, str]:
    """Return the runtime's keys for the values of a text, without its type and its program."""
    table = nvidia_runtime(values(text), PROGRAM, DEFAULT_TYPE)
    assert table.pop(("runtime_type",)) == '"io.containerd.runc.v2"'
    assert table.pop(OPTIONS) == f'"{PROGRAM}"'
    return table


RUNC_KEYS = {
    ("privileged_without_host_devices",): "true",
    ("container_annotations",): "[\"a\", 'b']",
    ("options", "SystemdCgroup"): "true",
}


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("", {}),
        (RUNC, RUNC_KEYS),
        ('[containerd]\ndefault_runtime_name = "runc"' + RUNC + CRUN, RUNC_KEYS),
        (CRUN, {("runtime_root",): '"/run/crun"'}),
        ('[containerd]\ndefault_runtime_name = "crun"' + RUNC + CRUN, {
            ("runtime_root",): '"/run/crun"',
        }),
        ('[containerd]\ndefault_runtime_name = "kata"\n' + KATA, {}),
        ('[containerd]\ndefault_runtime_name = "kata"\n' + KATA + RUNC, RUNC_KEYS),
        ('[containerd]\ndefault_runtime_name = "nvidia-cdi"' + RUNC, RUNC_KEYS),
        ('[containerd.default_runtime]\nruntime_type = ""' + RUNC, RUNC_KEYS),
    ],
)  # fmt: skip
def test_settings_of_the_default_runtime_are_taken_over(text: str, keys: dict[Path, str]) -> None:
    """As nvidia-ctk does, but not from runtimes of another kind, which cannot run the program."""
    assert runtime(text) == keys


def test_first_shim_of_containerd_gets_its_own_names() -> None:
    """It ignores `runtime_engine`, `runtime_root` and `systemd_cgroup` beside options."""
    text = """
systemd_cgroup = true
[containerd.default_runtime]
  runtime_type = "io.containerd.runtime.v1.linux"
  runtime_engine = "/usr/bin/runc"
  runtime_root = "/run/runc"
"""
    assert default_name(values(text)) == "default"
    assert nvidia_runtime(values(text), PROGRAM, DEFAULT_TYPE) == {
        ("runtime_type",): '"io.containerd.runtime.v1.linux"',
        ("options", "SystemdCgroup"): "true",
        ("options", "RuntimeRoot"): '"/run/runc"',
        ("options", "Runtime"): f'"{PROGRAM}"',
    }


def test_program_and_cgroups_of_a_runtime_are_read() -> None:
    keys = values(RUNC + KATA + '[containerd.default_runtime.options]\nRuntime = "/x"\n')

    assert [program_of(keys, name) for name in ("runc", "kata", "absent", "default")] == [
        "/usr/bin/runc", "", "", "/x",
    ]  # fmt: skip
    assert [uses_systemd(keys, name) for name in ("runc", "kata")] == [True, False]
