"""containerd as Kubernetes uses it: the distribution's, or that of the snap `k8s`."""

from typing import List, Mapping, Sequence

from labcharm.machine import Machine
from nvidia_runtime.engine.base import Applied, Engine, Snapshot
from reconciler import containerd
from reconciler.base_runtime import default_name, program_of, uses_systemd
from reconciler.cri_files import dumped_values
from reconciler.docker import Outcome
from reconciler.installation import DISTRIBUTION, K8S_SNAP, Installation
from reconciler.settings import RUNTIME_NAME, RuntimeSettings
from reconciler.toml_text import Path


class Containerd(Engine):
    """containerd as Kubernetes uses it, without docker.

    Args:
        machine: The machine on which it runs.
        source: The directory that holds the package `reconciler`.
        installation: Where it is installed.
    """

    name = "containerd"

    def __init__(
        self, machine: Machine, source: str, installation: Installation = DISTRIBUTION
    ) -> None:
        super().__init__(machine, source)
        self.installation = installation

    @property
    def service(self) -> str:
        """The name of its systemd unit."""
        return self.installation.service

    @property
    def program_name(self) -> str:
        """Its name for the program that systemd runs before each start."""
        return self.installation.name

    @property
    def records(self) -> Sequence[str]:
        """The files that hold what the charm has changed or moved."""
        return (containerd.record_file(self.installation),)

    def files(self) -> List[str]:
        """Return the files that the charm may change."""
        return containerd.edited_files(self.machine, self.installation)

    def apply(self, settings: RuntimeSettings, allow_restart: bool = True) -> Applied:
        """Put the settings into effect, once the node of the snap has a configuration."""
        if self.installation == K8S_SNAP and not self.machine.exists(self._config_file()):
            return Applied([], "the snap k8s has not joined a cluster yet")
        return super().apply(settings, allow_restart)

    def _reconcile_file(self, settings: RuntimeSettings) -> Outcome:
        planned = containerd.plan(self.machine, settings, {}, self.installation)
        if planned.texts:
            # Marked first: if this process dies after the write, the restart is not forgotten.
            self._mark_pending()
        return containerd.reconcile(self.machine, settings, {}, self.installation)

    def _restore_file(self) -> bool:
        return containerd.restore(self.machine, self.installation)

    def _restart_or_roll_back(
        self, settings: RuntimeSettings, outcome: Outcome, before: Snapshot
    ) -> Applied:
        is_changed = outcome.changed or self.is_pending()
        if not is_changed and self.unit().state == "active":
            # containerd is asked about its files; a restart would not change what they say.
            return Applied([*outcome.problems, self.difference(settings)])
        return super()._restart_or_roll_back(settings, outcome, before)

    def uses_systemd_cgroups(self) -> bool:
        """Return whether systemd manages the cgroups of containers with the runtime."""
        return uses_systemd(self._values(), RUNTIME_NAME)

    def difference(self, settings: RuntimeSettings) -> str:
        """Return how the effective configuration differs from the settings; empty if it agrees."""
        values = self._values()
        default, program = default_name(values), program_of(values, RUNTIME_NAME)
        is_default = program_of(values, default) == settings.path
        if not values:
            return "containerd config dump shows no CRI plugin; correct containerd's files"
        if program != settings.path:
            return f"containerd's runtime nvidia is {program or 'missing'}, not {settings.path}"
        if is_default != settings.is_default:
            return f"containerd's default runtime is {default or 'not set'}"
        if uses_systemd(values, "runc") and not uses_systemd(values, RUNTIME_NAME):
            return "containerd's runtime nvidia lacks SystemdCgroup = true of runc"
        return ""

    def _values(self) -> Mapping[Path, str]:
        program, config = self.installation.program("containerd"), self._config_file()
        command = [program, "--config", config, "config", "dump"]
        return dumped_values(self.machine.run(command, timeout=30).out)

    def _config_file(self) -> str:
        return self.installation.config_file(self.machine, {})

    def keeps_containers(self) -> bool:
        """Return whether containers outlive a restart: their shims do if systemd spares them."""
        command = ["systemctl", "show", "--property", "KillMode", self.service]
        mode = self.machine.run(command, timeout=10).out.strip()
        return mode not in ("KillMode=control-group", "KillMode=mixed")

    def container_command(self, settings: RuntimeSettings, image: str) -> List[str]:
        """Return the command that runs a container with the runtime, without its own command."""
        address = self.installation.address(self.machine)
        command = [self.installation.program("ctr"), "--address", address]
        command += ["--namespace", "k8s.io", "run", "--rm", "--runc-binary", settings.path]
        return [*command, image, "nvidia-runtime-verify"]
