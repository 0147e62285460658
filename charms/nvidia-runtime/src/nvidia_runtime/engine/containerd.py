"""containerd as Kubernetes uses it, without docker."""

import json
import re

from nvidia_runtime.engine.base import PENDING, Engine
from reconciler import config_toml, containerd
from reconciler.docker import Outcome
from reconciler.settings import RUNTIME_NAME, RuntimeSettings


class Containerd(Engine):
    """containerd as Kubernetes uses it, without docker."""

    name = "containerd"
    file = config_toml.FILE

    def _reconcile_file(self, settings: RuntimeSettings) -> Outcome:
        text = self.machine.read(self.file)
        if text is None or config_toml.edit(text, settings).text != text:
            # Marked first: if this process dies after the write, the restart is not forgotten.
            self._mark_pending()
        outcome = containerd.reconcile(self.machine, settings, {})
        if not outcome.changed and outcome.problems:
            self.machine.remove(PENDING)
        return outcome

    def _restore_file(self) -> bool:
        return containerd.restore(self.machine)

    def has_settings(self, settings: RuntimeSettings) -> bool:
        """Return whether the effective configuration has the runtime and the default."""
        dump = self.machine.run(["containerd", "config", "dump"], timeout=30).out
        default = re.search(r"default_runtime_name = ['\"]([^'\"]*)", dump)
        is_default = default is not None and default.group(1) == RUNTIME_NAME
        program = f"BinaryName = {json.dumps(settings.path)}"
        return program in dump.replace("'", '"') and is_default == settings.is_default

    def keeps_containers(self) -> bool:
        """Return True: containers are children of their shims, and outlive a restart."""
        return True
