"""The check `node-limits`: inotify limits and AppArmor profiles of this machine."""

from __future__ import annotations

import shlex
import subprocess
from pathlib import Path

import pytest

from kubeflow_installer.preflight import host_limits
from labcharm.machine import Machine

SUFFICIENT = {
    "/proc/sys/fs/inotify/max_user_instances": "2280\n",
    "/proc/sys/fs/inotify/max_user_watches": "1255360\n",
    "/sys/kernel/security/apparmor/profiles": "docker-default (enforce)\n"
    "mysqld-akonadi (enforce)\n/usr/sbin/mysqld (complain)\n",
}


def machine_with(root: Path, files: dict[str, str]) -> Machine:
    """Return a machine with these files."""
    for path, text in files.items():
        file = root / path.lstrip("/")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return Machine(str(root))


def test_sufficient_or_unknown_limits_are_no_problem(tmp_path: Path) -> None:
    assert host_limits.problems(machine_with(tmp_path, SUFFICIENT)) == []
    assert host_limits.problems(Machine(str(tmp_path / "nothing"))) == []


def test_command_in_the_message_writes_what_sysctl_reads(tmp_path: Path) -> None:
    """The command runs here with another file, and without sysctl."""
    low = {
        "/proc/sys/fs/inotify/max_user_instances": "128\n",
        "/proc/sys/fs/inotify/max_user_watches": "65536\n",
    }
    (problem,) = host_limits.problems(machine_with(tmp_path, low))

    assert problem.startswith(
        "fs.inotify.max_user_instances is 128, less than 2280 and fs.inotify.max_user_watches is"
        " 65536, less than 1255360 (pods fail with 'too many open files'); on every worker: printf"
    )
    command = problem.partition("every worker: ")[2]
    written = tmp_path / "written"
    command = command.replace("/etc/sysctl.d/90-kubeflow.conf", str(written), 1)
    subprocess.run(["sh", "-c", command.partition(" && ")[0]], check=True)
    assert written.read_text().splitlines() == [
        "fs.inotify.max_user_instances=2280",
        "fs.inotify.max_user_watches=1255360",
    ]
    assert command.partition(" && ")[2] == "sysctl -p /etc/sysctl.d/90-kubeflow.conf"


@pytest.mark.parametrize("profile", ["/usr/sbin/mysqld", "mysqld"])
def test_apparmor_profile_of_mysqld_is_a_problem(tmp_path: Path, profile: str) -> None:
    """Ubuntu's package names it by the path, later ones by the name."""
    text = f"lxc-container-default (enforce)\n{profile} (enforce)\n"
    files = {**SUFFICIENT, "/sys/kernel/security/apparmor/profiles": text}
    (problem,) = host_limits.problems(machine_with(tmp_path, files))

    assert f"the host's AppArmor profile {profile} also applies" in problem
    file = "/etc/apparmor.d/usr.sbin.mysqld"
    assert shlex.split(problem.partition("with this profile: ")[2]) == [
        "apparmor_parser", "-R", file, "&&", "ln", "-s", file, "/etc/apparmor.d/disable/",
    ]  # fmt: skip
