"""docker under its systemd unit."""

import time

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
    file = docker.FILE

    def _reconcile_file(self, settings: RuntimeSettings) -> docker.Outcome:
        return docker.reconcile(self.machine, settings, {})

    def _restore_file(self) -> bool:
        return docker.restore(self.machine)

    def info(self) -> JsonObject:
        """Return what the running dockerd reports about itself; empty when it does not answer."""
        command = ["docker", "info", "--format", "{{json .}}"]
        return parse_object(self.machine.run(command, timeout=30).out) or {}

    def has_settings(self, settings: RuntimeSettings) -> bool:
        """Return whether the running daemon has the runtime and the default of the settings."""
        info = self.info()
        entry = dict((info.get("Runtimes") or {}).get(RUNTIME_NAME) or {})
        entry.setdefault("runtimeArgs", list(settings.args))
        is_default = info.get("DefaultRuntime") == RUNTIME_NAME
        return same_runtime(entry, runtime_entry(settings)) and is_default == settings.is_default

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
