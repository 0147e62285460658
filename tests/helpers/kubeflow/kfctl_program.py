"""The archive of kfctl, or of the stand-in for it."""

from __future__ import annotations

import io
import sys
import tarfile
from pathlib import Path

from helpers.kubeflow.builds import kfctl

STANDIN = Path(__file__).parent / "kfctl_standin.py"
# Enough components to see order, overlays, parameters and namespaces.
COMPONENTS = (
    "application-crds", "application", "istio-install", "oidc-authservice", "dex", "argo",
    "centraldashboard", "jupyter-web-app", "katib-controller", "profiles",
    "cert-manager-kube-system-resources",
)  # fmt: skip


def program(who: str, release: str, directory: Path) -> str:
    """Write the archive of kfctl, or of the stand-in, and return its path."""
    text = f"#!{sys.executable}\n{STANDIN.read_text()}".encode()
    body = kfctl(release).read_bytes() if who == "kfctl" else text
    path = directory / "kfctl.tar.gz"
    with tarfile.open(path, "w:gz") as tar:
        entry = tarfile.TarInfo("./kfctl")
        entry.size, entry.mode = len(body), 0o755
        tar.addfile(entry, io.BytesIO(body))
    return str(path)
