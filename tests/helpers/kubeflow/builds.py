"""The programs that install Kubeflow, for the tests.

kustomize comes from Go's modules, as the go.mod in `kustomize` pins it. kfctl cannot: Go's module
proxy serves neither github.com/kubeflow/kfctl/v3 nor github.com/kubeflow/kubeflow/bootstrap. So
its place is taken by `kfctl_standin.py`, which sends what kfctl sends; where BOTLAB_KFCTL names a
folder with upstream's own programs (kfctl-0.6.2, kfctl-1.0.2), the tests run these as well.
"""

from __future__ import annotations

import os
from pathlib import Path

from helpers.kube.builds import UnavailableError, of_module

_KUSTOMIZE = "sigs.k8s.io/kustomize/kustomize/v5"


def kustomize() -> Path:
    """Return the program kustomize, built where it is not there yet.

    Raises:
        UnavailableError: When it cannot be built.
    """
    return of_module("kustomize", _KUSTOMIZE) / "kustomize"


def kfctl(release: str) -> Path:
    """Return upstream's kfctl of a release, where it was handed in.

    Raises:
        UnavailableError: When it was not.
    """
    folder = os.environ.get("BOTLAB_KFCTL", "")
    found = Path(folder, f"kfctl-{release}")
    if not folder or not found.is_file():
        raise UnavailableError(f"needs BOTLAB_KFCTL, a folder with kfctl-{release}")
    return found
