"""The programs that install Kubeflow, for the tests.

kustomize is built from Go modules, as the go.mod in `kustomize` pins it. kfctl cannot be built:
Go's module proxy serves neither github.com/kubeflow/kfctl/v3 nor
github.com/kubeflow/kubeflow/bootstrap. So the tests run `kfctl_standin.py`, which sends what kfctl
sends. Where BOTLAB_KFCTL names a directory with upstream's own programs (kfctl-0.6.2,
kfctl-1.0.2), the tests run these as well.
"""

from __future__ import annotations

import os
from pathlib import Path

from helpers.kube.builds import UnavailableError, of_module

_KUSTOMIZE = "sigs.k8s.io/kustomize/kustomize/v5"


def kustomize() -> Path:
    """Return the program kustomize; build it first where it is missing.

    Raises:
        UnavailableError: When it cannot be built.
    """
    return of_module("kustomize", _KUSTOMIZE) / "kustomize"


def kfctl(release: str) -> Path:
    """Return upstream's kfctl of a release, where it is provided.

    Raises:
        UnavailableError: When it is not.
    """
    directory = os.environ.get("BOTLAB_KFCTL", "")
    path = Path(directory, f"kfctl-{release}")
    if not directory or not path.is_file():
        raise UnavailableError(f"needs BOTLAB_KFCTL, a directory with kfctl-{release}")
    return path
