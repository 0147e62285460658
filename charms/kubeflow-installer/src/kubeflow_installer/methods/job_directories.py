"""The directories of the background jobs: one for each run of kfctl and each build."""

import os
import shutil
from typing import List

from kubeflow_installer.jobs import launcher

# The beginnings of the directories' names.
KFCTL_RUN, BUILD = "run-", "building-"


def remove_all(home: str) -> None:
    """End every job and remove its directory."""
    for prefix in (KFCTL_RUN, BUILD):
        remove_except(home, prefix)


def remove_except(home: str, prefix: str, directory: str = "") -> None:
    """End the jobs of a kind and remove their directories, except one."""
    for path in _directories(home, prefix):
        if path != directory:
            launcher.stop(path)
            shutil.rmtree(path, ignore_errors=True)


def _directories(home: str, prefix: str) -> List[str]:
    names = os.listdir(home) if os.path.isdir(home) else []
    return [os.path.join(home, name) for name in sorted(names) if name.startswith(prefix)]
