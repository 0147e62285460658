"""The archive with kfctl, or with the program that takes its place."""

from __future__ import annotations

import io
import sys
import tarfile
from pathlib import Path

from helpers.kubeflow.builds import kfctl

STANDIN = Path(__file__).parent / "kfctl_standin.py"
# Enough of them to see order, overlays, parameters and namespaces.
KEPT = (
    "application-crds", "application", "istio-install", "oidc-authservice", "dex", "argo",
    "centraldashboard", "jupyter-web-app", "katib-controller", "profiles",
    "cert-manager-kube-system-resources",
)  # fmt: skip


def program(who: str, release: str, folder: Path) -> str:
    """Return the archive with a program in the place of kfctl."""
    text = f"#!{sys.executable}\n{STANDIN.read_text()}".encode()
    body = kfctl(release).read_bytes() if who == "kfctl" else text
    path = folder / "kfctl.tar.gz"
    with tarfile.open(path, "w:gz") as tar:
        entry = tarfile.TarInfo("./kfctl")
        entry.size, entry.mode = len(body), 0o755
        tar.addfile(entry, io.BytesIO(body))
    return str(path)
