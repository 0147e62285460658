"""Reloads of systemd that do not take the GPUs from running containers.

See `reconciler.device_links`. A container that was started without the links, or whose runtime
added the GPUs behind runc's back, loses them at the next reload of systemd, whoever asks for it.
"""

import os
from typing import Dict, Iterator, List

from labcharm.machine import Machine
from reconciler.device_links import ReadNumber, create_links, device_number, missing_links
from reconciler.settings import find_program

RULE = "/etc/udev/rules.d/71-nvidia-runtime.rules"
# The rule that NVIDIA gives in nvidia-docker issue 1730.
_RULE_TEXT = """\
# By the charm nvidia-runtime: systemctl daemon-reload must not take GPUs from containers.
ACTION=="add", DEVPATH=="/bus/pci/drivers/nvidia", RUN+="{program} system create-dev-char-symlinks --create-all"
"""  # noqa: E501 - udev's rules have one line
# The scopes of containers by containerd, docker and CRI-O.
_SCOPES = ("cri-containerd-*.scope", "docker-*.scope", "crio-*.scope")
_CONTROL_DEVICE = "/dev/nvidiactl"
# Its number is 195:255; the devices of all GPUs have the major number 195.
_ALLOWED = ("/dev/char/195:", "/dev/nvidia", "char-nvidia")
_CGROUPS = ("/sys/fs/cgroup", "/sys/fs/cgroup/systemd", "/sys/fs/cgroup/unified")


class Reloads:
    """Reloads of systemd on a machine with GPUs.

    Args:
        machine: The machine.
        read_number: Returns the number of a device.
    """

    def __init__(self, machine: Machine, read_number: ReadNumber = device_number) -> None:
        self._machine, self._read_number = machine, read_number

    def prepare(self) -> None:
        """Create the links of the device nodes, and the rule that creates them at each boot."""
        create_links(self._machine, self._read_number)
        program = find_program(self._machine, "nvidia-ctk")
        if program:
            self._machine.write(RULE, _RULE_TEXT.format(program=program))

    def restore(self) -> None:
        """Remove the rule. The links stay, because running containers need them."""
        self._machine.remove(RULE)

    def reload(self) -> bool:
        """Reload systemd unless that takes the GPUs from containers; return whether it did."""
        self.prepare()
        if self.exposed_containers():
            return False
        self._machine.run(["systemctl", "daemon-reload"], timeout=120)
        return True

    def problem(self) -> str:
        """Return what a reload of systemd would break; empty if it breaks nothing."""
        missing = len(missing_links(self._machine, self._read_number))
        if missing:
            return (
                f"{missing} device node(s) are not linked in /dev/char: run the action reconcile"
            )
        count = len(self.exposed_containers())
        if not count:
            return ""
        return f"{count} container(s) would lose their GPU when systemd is reloaded: restart them"

    def exposed_containers(self) -> List[str]:
        """Return the scopes of the containers that would lose their GPUs at a reload."""
        return [
            properties.get("Id", "")
            for properties in self._scopes()
            if properties.get("DevicePolicy") in ("strict", "closed")
            and not any(allowed in properties.get("DeviceAllow", "") for allowed in _ALLOWED)
            and self._has_gpu(properties.get("ControlGroup", ""))
        ]

    def _scopes(self) -> Iterator[Dict[str, str]]:
        """Yield the properties of the scope of each running container."""
        properties = "Id,ControlGroup,DevicePolicy,DeviceAllow"
        command = ["systemctl", "show", "--property", properties, *_SCOPES]
        for text in self._machine.run(command, timeout=30).out.split("\n\n"):
            scope: Dict[str, str] = {}
            for line in text.splitlines():
                name, _, value = line.partition("=")
                scope[name] = f"{scope[name]} {value}" if name in scope else value
            yield scope

    def _has_gpu(self, cgroup: str) -> bool:
        """Return whether the processes of a container see the driver's control device."""
        if not cgroup:
            return False
        paths = [f"{root}{cgroup}/cgroup.procs" for root in _CGROUPS]
        try:
            pids = " ".join(self._machine.read(path) or "" for path in paths).split()
        except OSError:  # the container has just ended
            return False
        return any(
            os.path.lexists(self._machine.path(f"/proc/{pid}/root{_CONTROL_DEVICE}"))
            for pid in pids
        )
