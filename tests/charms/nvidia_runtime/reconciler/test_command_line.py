"""The command line with which systemd starts a daemon, and dockerd's flags in it."""

from __future__ import annotations

import pytest

from helpers.fake_machine import FakeMachine
from reconciler.command_line import Unit, flags_of, read_unit

SHOW = """\
LoadState=loaded
ActiveState=active
ExecStart={ path=/bin/old ; argv[]=/bin/old ; ignore_errors=no ; start_time=[n/a] }
ExecStart={ path=/usr/bin/dockerd ; argv[]=/usr/bin/dockerd -H fd:// $OPTS ${HOST} --x=$NAME ; \
ignore_errors=no ; start_time=[n/a] }
Environment=OPTS=environment "NAME=a b"
EnvironmentFiles=/etc/default/docker (ignore_errors=yes)
EnvironmentFiles=/etc/default/none (ignore_errors=yes)
FragmentPath=/lib/systemd/system/docker.service
DropInPaths=/etc/one.conf /etc/two.conf
"""
FILE = """\
# OPTS=comment
; OPTS=comment
OPTS="--debug --label 'a b'"

 HOST = --host=x \\
  y
not an assignment
SINGLE='q'
"""


def test_unit_has_the_command_that_systemd_starts_last(machine: FakeMachine) -> None:
    """`$NAME` alone splits into words, `${NAME}` does not; files come after `Environment`."""
    machine.answers["systemctl show"] = SHOW
    machine.write("/etc/default/docker", FILE)

    assert read_unit(machine, "docker.service", {}) == Unit(
        is_loaded=True,
        state="active",
        args=[
            "/usr/bin/dockerd", "-H", "fd://", "--debug", "--label", "a b", "--host=x    y",
            "--x=a b",
        ],
        fragments=["/lib/systemd/system/docker.service", "/etc/one.conf", "/etc/two.conf"],
    )  # fmt: skip
    properties = (
        "LoadState,ActiveState,ExecStart,Environment,EnvironmentFiles,FragmentPath,DropInPaths"
    )
    assert machine.commands == [["systemctl", "show", "--property", properties, "docker.service"]]


def test_environment_of_the_caller_decides(machine: FakeMachine) -> None:
    machine.answers["systemctl show"] = SHOW
    variables = {"OPTS": "it's", "HOST": "h"}

    assert read_unit(machine, "docker.service", variables).args == [
        "/usr/bin/dockerd", "-H", "fd://", "it's", "h", "--x=a b",
    ]  # fmt: skip


def test_variables_that_are_not_set_are_empty(machine: FakeMachine) -> None:
    machine.answers["systemctl show"] = (
        "ExecStart={ path=/d ; argv[]=/d $NONE ${NONE} a$NONE ; ignore_errors=no ; }\n"
    )

    assert read_unit(machine, "x", {}).args == ["/d", "", "a"]


def test_unit_that_does_not_exist_is_not_loaded(machine: FakeMachine) -> None:
    machine.answers["systemctl show"] = "LoadState=not-found\nActiveState=inactive\n"

    assert read_unit(machine, "x", {}) == Unit(False, "inactive", [], [])


@pytest.mark.parametrize(
    ("args", "flags"),
    [
        (["dockerd", "-H", "fd://"], {"hosts": ["fd://"]}),
        (["dockerd", "-Hfd://", "--host=tcp://x"], {"hosts": ["fd://", "tcp://x"]}),
        (["dockerd", "-H=fd://"], {"hosts": ["fd://"]}),
        (["dockerd", "--log-level", "warn", "-D"], {"log-level": ["warn"], "debug": [""]}),
        (["dockerd", "-D", "-l", "warn"], {"log-level": ["warn"], "debug": [""]}),
        (["dockerd", "--insecure-registry=a:1"], {"insecure-registries": ["a:1"]}),
        (["dockerd", "--bip=", "word", "-", "-x"], {"bip": [""], "x": [""]}),
        (["dockerd", "-G", "g", "-b", "br", "-g", "/data", "-p", "/pid", "-s", "zfs"],
         {"group": ["g"], "bridge": ["br"], "data-root": ["/data"], "pidfile": ["/pid"],
          "storage-driver": ["zfs"]}),
        ([], {}),
    ],
)  # fmt: skip
def test_flags_have_the_names_of_their_file_keys(
    args: list[str], flags: dict[str, list[str]]
) -> None:
    """Short and long, joined and separate, single and repeated."""
    assert flags_of(args) == flags


@pytest.mark.parametrize(
    ("flag", "key"),
    [
        ("host", "hosts"),
        ("add-runtime", "runtimes"),
        ("insecure-registry", "insecure-registries"),
        ("registry-mirror", "registry-mirrors"),
        ("label", "labels"),
        ("log-opt", "log-opts"),
        ("dns-opt", "dns-opts"),
        ("storage-opt", "storage-opts"),
        ("exec-opt", "exec-opts"),
        ("authorization-plugin", "authorization-plugins"),
        ("default-ulimit", "default-ulimits"),
        ("default-address-pool", "default-address-pools"),
        ("node-generic-resource", "node-generic-resources"),
        ("cluster-store-opt", "cluster-store-opts"),
        ("dns", "dns"),
    ],
)
def test_flag_that_may_be_repeated_has_a_key_in_the_plural(flag: str, key: str) -> None:
    """These are the names in moby's cmd/dockerd/config.go and daemon/config."""
    assert flags_of(["dockerd", f"--{flag}=a", f"--{flag}", "b=c"]) == {key: ["a", "b=c"]}
