"""A step of the wheel's build: the wheel carries the archives of this project's charms.

Hatchling finds it by its name. An editable installation has no archives; botlab packs them from
the checkout instead.
"""

import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CustomBuildHook(BuildHookInterface):  # type: ignore[type-arg] - hatchling's own form
    """Packs the charms and adds the archives to the wheel."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Pack the charms before the wheel is written.

        Args:
            version: The kind of wheel: ``standard`` or ``editable``.
            build_data: What hatchling adds to the wheel.

        Raises:
            subprocess.CalledProcessError: When a charm cannot be packed.
        """
        if version == "editable":
            return
        # The directory is removed when the build ends.
        self._archives = tempfile.TemporaryDirectory()
        archives = Path(self._archives.name)
        program = Path(self.root, "charms/packing/pack.py")
        command = [sys.executable, str(program), "--output", str(archives)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)  # noqa: S603
        for path in archives.glob("*.charm"):
            build_data["force_include"][str(path)] = f"botlab/_data/archives/{path.name}"
