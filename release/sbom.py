"""The SBOMs of a release: what each file contains and needs, in the form CycloneDX.

A charm's archive contains the wheels that the packer unpacked, without their compiled parts. The
wheel of botlab needs its locked dependencies, and contains the archives of the charms.
"""

from __future__ import annotations

import hashlib
import uuid
import zipfile
from collections.abc import Iterable, Iterator
from datetime import datetime, timezone
from email.parser import HeaderParser
from pathlib import Path

from cyclonedx.builder.this import this_component
from cyclonedx.factory.license import LicenseFactory
from cyclonedx.model import HashAlgorithm, HashType, Property
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL

from lock_file import LockedPackage

_LICENSE = "Apache-2.0"
_DIRECT = "-r "
# The text of METADATA where a package names its licence; the first one counts (core metadata 2.4).
_LICENSE_FIELDS = ("License-Expression", "License")


class Release:
    """What all SBOMs of a release share.

    Args:
        version: The version of botlab and its charms.
        time: Seconds since 1970 at which the release is dated.
    """

    def __init__(self, version: str, time: int) -> None:
        self._version = version
        self._time = datetime.fromtimestamp(time, tz=timezone.utc)

    def charm_sbom(self, archive: Path) -> str:
        """Return the SBOM of a charm's archive as JSON."""
        root = self._charm(archive)
        bom = self._bom(archive, root)
        parts = list(self._contents(archive))
        for part in parts:
            bom.components.add(part)
        bom.register_dependency(root, parts)
        return _json(bom)

    def wheel_sbom(
        self, wheel: Path, packages: Iterable[LockedPackage], archives: Iterable[Path]
    ) -> str:
        """Return the SBOM of botlab's wheel as JSON.

        Args:
            wheel: The wheel.
            packages: Its locked dependencies.
            archives: The charms' archives that it contains.
        """
        root = self._root(
            "botlab", wheel, PackageURL("pypi", name="botlab", version=self._version)
        )
        bom = self._bom(wheel, root)
        for archive in archives:
            charm = self._charm(archive)
            charm.components.update(self._contents(archive))
            bom.components.add(charm)
        _add_packages(bom, root, list(packages))
        return _json(bom)

    def _bom(self, file: Path, root: Component) -> Bom:
        """Return a document about a file, whose number depends on nothing but the file."""
        bom = Bom(serial_number=uuid.uuid5(uuid.NAMESPACE_OID, _digest(file)))
        bom.metadata.timestamp = self._time
        bom.metadata.tools.components.add(this_component())
        bom.metadata.component = root
        return bom

    def _charm(self, archive: Path) -> Component:
        return self._root(archive.name.partition("_")[0], archive, None)

    def _root(self, name: str, file: Path, purl: PackageURL | None) -> Component:
        return Component(
            type=ComponentType.APPLICATION,
            name=name,
            version=self._version,
            bom_ref=file.name,
            purl=purl,
            licenses=[LicenseFactory().make_from_string(_LICENSE)],
            hashes=[HashType(alg=HashAlgorithm.SHA_256, content=_digest(file))],
            properties=[Property(name="botlab:file", value=file.name)],
        )

    def _contents(self, archive: Path) -> Iterator[Component]:
        """Yield the libraries in a charm's archive: shared ones, and wheels of PyPI."""
        with zipfile.ZipFile(archive) as content:
            names = content.namelist()
            shared = {name.split("/")[1] for name in names if name.startswith("lib/")}
            for name in sorted(shared):
                yield _library(archive.name, name, self._version, _LICENSE)
            for name in sorted(names):
                if name.startswith("venv/") and name.endswith(".dist-info/METADATA"):
                    yield _wheel(archive.name, content.read(name).decode())


def _wheel(owner: str, metadata: str) -> Component:
    """Return the component for an unpacked wheel, from its METADATA."""
    fields = HeaderParser().parsestr(metadata)
    licenses = [fields[name] for name in _LICENSE_FIELDS if fields[name]]
    name, version = fields["Name"], fields["Version"]
    purl = PackageURL("pypi", name=name.lower().replace("_", "-"), version=version)
    return _library(owner, name, version, *licenses[:1], purl=purl)


def _library(
    owner: str, name: str, version: str, *licenses: str, purl: PackageURL | None = None
) -> Component:
    return Component(
        type=ComponentType.LIBRARY,
        name=name,
        version=version,
        bom_ref="/".join(filter(None, (owner, f"{name}@{version}"))),
        purl=purl,
        licenses=[LicenseFactory().make_from_string(text) for text in licenses],
    )


def _add_packages(bom: Bom, root: Component, packages: list[LockedPackage]) -> None:
    """Add locked packages with the dependencies between them."""
    components = {package: _locked(package) for package in packages}
    bom.components.update(components.values())
    needs = {package.name: list[Component]() for package in packages}
    direct: list[Component] = []
    for package, component in components.items():
        for parent in package.parents:
            target = direct if parent.startswith(_DIRECT) else needs[parent]
            target.append(component)
    bom.register_dependency(root, direct)
    for package, component in components.items():
        bom.register_dependency(component, needs[package.name])


def _locked(package: LockedPackage) -> Component:
    purl = PackageURL("pypi", name=package.name, version=package.version)
    component = _library("", package.name, package.version, purl=purl)
    if package.marker:
        component.properties.add(Property(name="botlab:environment", value=package.marker))
    return component


def _digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def _json(bom: Bom) -> str:
    return JsonV1Dot6(bom).output_as_string(indent=2) + "\n"
