"""The charms and resources of the bundle exist and fit the machines."""

from __future__ import annotations

from pathlib import Path

import pytest

from botlab.bundle.model import Application, Bundle, Machine
from botlab.catalogue.model import Charm, ManifestBase
from botlab.live.preflight.check import Check
from botlab.live.preflight.files import check_files

_AMD64 = Charm("metallb", manifest=(ManifestBase("ubuntu", "24.04", ("amd64",)),))


def _bundle(directory: Path, **fields: object) -> Bundle:
    application = Application(charm="./metallb.charm", num_units=1, to=["lxd:0"])
    for name, field in fields.items():
        setattr(application, name, field)
    return Bundle(
        applications={"metallb": application, "etcd": Application(charm="etcd")},
        machines={"0": Machine("tags=a")},
        directory=str(directory),
    )


def _checks(bundle: Bundle, charm: Charm = _AMD64) -> list[Check]:
    return list(check_files(bundle, {"metallb": charm}))


def test_present_files_are_one_check(tmp_path: Path) -> None:
    (tmp_path / "metallb.charm").write_text("")
    (tmp_path / "manifests.gz").write_text("")
    bundle = _bundle(tmp_path, resources={"manifests": "./manifests.gz", "kubectl": 3})
    (check,) = _checks(bundle)
    assert (check.name, check.is_ok) == ("files", True)
    assert check.message == "2 charms and resources are present"


def test_missing_files_are_reported_together(tmp_path: Path) -> None:
    charm, resource = _checks(_bundle(tmp_path, resources={"manifests": "./manifests.gz"}))
    assert (charm.name, charm.message) == (
        "charm metallb",
        f"{tmp_path}/metallb.charm does not exist",
    )
    assert charm.fix == f"botlab charms {tmp_path}"
    assert (resource.name, resource.message) == (
        "resource manifests of metallb",
        f"{tmp_path}/manifests.gz is not a file",
    )
    assert not charm.is_ok
    assert not resource.is_ok


def test_foreign_charm_that_is_missing_comes_from_elsewhere(tmp_path: Path) -> None:
    """The wheel has only this project's charms."""
    (check,) = _checks(_bundle(tmp_path, charm="./mine.charm"))

    assert check.message == f"{tmp_path}/mine.charm does not exist"
    assert check.fix == "put the file there (juju download NAME)"


@pytest.mark.parametrize("where", ["application", "machine"])
def test_archive_of_another_architecture_fails(tmp_path: Path, where: str) -> None:
    (tmp_path / "metallb.charm").write_text("")
    bundle = _bundle(tmp_path, constraints="arch=arm64" if where == "application" else "")
    bundle.machines["0"] = Machine("arch=arm64")
    (check,) = _checks(bundle)
    assert check.message == (
        f"{tmp_path}/metallb.charm is packed for amd64, and the machines are arm64"
    )
    assert check.fix.endswith(f"or write it: botlab charms {tmp_path} --arch arm64")


def test_subordinate_has_no_machines_to_compare(tmp_path: Path) -> None:
    (tmp_path / "metallb.charm").write_text("")
    bundle = _bundle(tmp_path, num_units=0, to=[], constraints="")
    assert [check.is_ok for check in _checks(bundle)] == [True]


def test_bundle_without_local_files_has_no_check() -> None:
    assert list(check_files(Bundle(applications={"etcd": Application(charm="etcd")}), {})) == []
