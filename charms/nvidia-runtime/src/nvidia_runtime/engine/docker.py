"""docker under its systemd unit."""

import time
from typing import List, Sequence

from labcharm.json_types import JsonObject
from nvidia_runtime.engine.base import Engine
from reconciler import docker
from reconciler.daemon_json import runtime_entry, same_runtime
from reconciler.settings import (
    RUNTIME_NAME,
    STATE_DIRECTORY,
    RuntimeSettings,
    parse_object,
)

OVERRIDE = "/etc/systemd/system/docker.service.d/override.conf"
ADOPTED = STATE_DIRECTORY + "/adopted-override.conf"
# The drop-in of the botlab guide of 2019, which this charm replaces; compared word by word.
_GUIDE = [
    "[Service]",
    "ExecStart=",
    "ExecStart=/usr/bin/dockerd",
    "--host=fd://",
    "--add-runtime=nvidia=/usr/bin/nvidia-container-runtime",
]


class Docker(Engine):
    """docker, under its systemd unit."""

    name = "docker"
    sockets = ("docker.socket",)

    @property
    def records(self) -> Sequence[str]:
        """The files that hold what the charm has changed or moved."""
        return (docker.ORIGINAL_FILE, ADOPTED)

    def files(self) -> List[str]:
        """Return the files that the charm may change."""
        return [docker.FILE]

    def _reconcile_file(self, settings: RuntimeSettings) -> docker.Outcome:
        return docker.reconcile(self.machine, settings, {})

    def _restore_file(self) -> bool:
        return docker.restore(self.machine)

    def info(self) -> JsonObject:
        """Return what the running dockerd reports about itself; empty when it does not answer."""
        command = ["docker", "info", "--format", "{{json .}}"]
        return parse_object(self.machine.run(command, timeout=30).out) or {}

    def difference(self, settings: RuntimeSettings) -> str:
        """Return how the running daemon differs from the settings; empty if it agrees."""
        info = self.info()
        entry = dict((info.get("Runtimes") or {}).get(RUNTIME_NAME) or {})
        entry.setdefault("runtimeArgs", list(settings.args))
        default = info.get("DefaultRuntime")
        if not same_runtime(entry, runtime_entry(settings)):
            return f"docker's runtime nvidia is {entry.get('path', 'missing')}"
        if (default == RUNTIME_NAME) != settings.is_default:
            return f"docker's default runtime is {default}"
        return ""

    def _reload(self) -> bool:
        # On SIGHUP dockerd reads the runtimes and the default again and keeps its containers. It
        # only logs a fault in the file, so the caller checks the result.
        if not self._systemctl("reload", self.service):
            return False
        time.sleep(0.5)
        return True

    def keeps_containers(self) -> bool:
        """Return whether containers outlive a restart: none runs, or live-restore is on."""
        info = self.info()
        return bool(info.get("LiveRestoreEnabled")) or not info.get("ContainersRunning")

    def uses_systemd_cgroups(self) -> bool:
        """Return whether systemd manages the cgroups of containers."""
        return self.info().get("CgroupDriver") == "systemd"

    def container_command(self, settings: RuntimeSettings, image: str) -> List[str]:
        """Return the command that runs a container with the runtime, without its own command."""
        return ["docker", "run", "--rm", "--runtime", RUNTIME_NAME, image]

    def _adopt_override(self) -> bool:
        text = self.machine.read(OVERRIDE)
        if text is None or text.split() != _GUIDE:
            return False
        self.machine.write(ADOPTED, text)
        return self.machine.remove(OVERRIDE)

    def _restore_override(self) -> bool:
        text = self.machine.read(ADOPTED)
        if text is None:
            return False
        restored = not self.machine.exists(OVERRIDE) and self.machine.write(OVERRIDE, text)
        self.machine.remove(ADOPTED)
        return restored
