"""The check `node-limits`: what the kernel of this machine lets pods do, if it is a node."""

import re
from typing import List

from kubeflow_installer.preflight.problems import Message
from labcharm.machine import Machine

# The figures for workers that Kubeflow itself gives (kubeflow/manifests #2087).
_INOTIFY = (("max_user_instances", 2280), ("max_user_watches", 1255360))
_INOTIFY_DIRECTORY = "/proc/sys/fs/inotify/"
_SYSCTL_FILE = "/etc/sysctl.d/90-kubeflow.conf"
_PROFILES = "/sys/kernel/security/apparmor/profiles"
# Ubuntu's mysql-server names the profile by the program's path, later releases by its name.
_MYSQLD = re.compile(r"^(\S*mysqld) \(enforce\)$", re.MULTILINE)
_MYSQLD_FILE = "/etc/apparmor.d/usr.sbin.mysqld"


def problems(machine: Machine) -> List[str]:
    """Describe the limits of this machine's kernel that make pods fail, with commands to fix."""
    return [problem for problem in (_inotify(machine), _apparmor(machine)) if problem]


def _inotify(machine: Machine) -> str:
    low = []
    for name, minimum in _INOTIFY:
        current = (machine.read(_INOTIFY_DIRECTORY + name) or "").strip()
        if current.isdigit() and int(current) < minimum:
            low.append((f"fs.inotify.{name}", current, minimum))
    if not low:
        return ""
    limits = " and ".join(
        f"{name} is {current}, less than {minimum}" for name, current, minimum in low
    )
    lines = "".join(f"{name}={minimum}\\n" for name, _, minimum in low)
    command = f"printf '{lines}' > {_SYSCTL_FILE} && sysctl -p {_SYSCTL_FILE}"
    return Message(
        f"{limits} (pods fail with 'too many open files'); on every worker: {command}",
        "inotify's limits are too low; raise them on every worker (the log has the command)",
    )


def _apparmor(machine: Machine) -> str:
    profile = _MYSQLD.search(machine.read(_PROFILES) or "")
    if not profile:
        return ""
    return Message(
        f"the host's AppArmor profile {profile.group(1)} also applies to the databases' mysqld,"
        f" which then ends; on every worker with this profile: apparmor_parser -R {_MYSQLD_FILE}"
        f" && ln -s {_MYSQLD_FILE} /etc/apparmor.d/disable/",
        "AppArmor restricts the databases' mysqld; disable its profile (the log has the command)",
    )
