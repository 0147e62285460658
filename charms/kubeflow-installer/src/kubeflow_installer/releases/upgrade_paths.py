"""The moves from one release of Kubeflow to another that upstream supports."""

from typing import List

from kubeflow_installer.releases.table import Release, all_releases


def refusal(before: Release, after: Release) -> str:
    """Return why upstream does not support a move between two releases; empty where it does.

    kfctl upgrades within 1.x (docs 1.1: "kfctl apply" of an upgrade, from 1.0 on). There is no
    upgrade out of 0.x, and none from the releases of kfctl to those of the manifests. The
    manifests' own page says that the next release is applied over the one before it, so an upgrade
    over several releases must install each release between them.
    """
    if before.number > after.number:
        return f"upstream does not support a downgrade from {before.name} to {after.name}"
    if before.method != after.method or before.number < (1, 0):
        return (
            f"upstream does not support an upgrade from {before.name} to {after.name};"
            " uninstall (volumes are kept), then install"
        )
    between = _between(before, after)
    if between:
        return (
            f"upstream supports upgrades to the next release only: go from {before.name} to"
            f" {', '.join(between)}, and then to {after.name}"
        )
    return ""


def _between(before: Release, after: Release) -> List[str]:
    return [
        release.name
        for release in all_releases()
        if release.method == after.method and before.number < release.number < after.number
    ]
