"""Rules about the charm kubeflow-installer itself: its files, its machine, its host name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ...bundle.constraints import split_constraints
from ...bundle.model import Application
from ...catalogue.kubeflow import REPORTER, Release, choose_release
from ...findings import KeyPath, Severity, nearest
from .airgap import keeps_everything
from .facts import CONTROL_PLANES, INSTALLER, Facts
from .rule import CLUSTER, Hit, rule


@dataclass(frozen=True, slots=True)
class Installer:
    """An application of the charm, with the release that it will install."""

    name: str
    application: Application
    wish: str
    release: Release

    @property
    def where(self) -> KeyPath:
        """Where the release is decided."""
        path = ("applications", self.name)
        return (*path, "options", "version") if self.wish else path

    def given(self, archive: str) -> bool:
        """Tell whether an archive is attached, or pinned by an option."""
        option = f"{archive.partition('-')[0]}-url"
        return archive in self.application.resources or bool(self.application.options.get(option))


def installers(facts: Facts) -> Iterator[Installer]:
    """Yield the applications of the charm whose release is known and fits."""
    for name, application in facts.named(INSTALLER):
        wish = facts.option(name, "version")
        release = choose_release(facts.kubernetes, wish)
        if release and (facts.kubernetes is None or release.fits(facts.kubernetes)):
            yield Installer(name, application, wish, release)


@rule(
    "BL079",
    "kfctl that nothing gives",
    Severity.WARNING,
    """Kubeflow up to 1.2 is installed by kfctl, whose releases came without checksums; so the
    charm fetches none that is not pinned, and waits for one to be attached.""",
    misses=("applications.kubeflow-installer.resources.kfctl", "kubeflow.kfctl-url", *CLUSTER),
)
def missing_kfctl(facts: Facts) -> Iterator[Hit]:
    """Find a release that kfctl installs, without an archive of kfctl."""
    for installer in installers(facts):
        if installer.release.uses_kfctl and not installer.given("kfctl"):
            yield Hit(
                ("applications", installer.name, "resources"),
                f"kfctl {installer.release.name} is neither attached nor pinned",
                "fetch its release archive for Linux and name the file"
                f" (applications.{installer.name}.resources: {{kfctl: FILE}}), or where it is"
                " (kubeflow.kfctl-url)",
            )


@rule(
    "BL080",
    "Host name of Kubeflow that leads elsewhere",
    Severity.ERROR,
    """The host name must lead to the gateway's address. A name below the cluster's own domain is
    known inside the cluster alone, a machine's name leads to the machine, and a name of the API
    server to that.""",
)
def misleading_host(facts: Facts) -> Iterator[Hit]:
    """Find host names that mean something else already."""
    for name, _ in facts.named(INSTALLER):
        host = facts.option(name, "hostname").lower()
        told = _elsewhere(facts, host) if host else ""
        if told:
            yield Hit(
                ("applications", name, "options", "hostname"),
                f"{host} {told}",
                "choose a name of its own in the lab's DNS, such as kubeflow.lab.example",
            )


def _elsewhere(facts: Facts, host: str) -> str:
    controls = [name for name, _ in facts.named(*CONTROL_PLANES)]
    domains = [facts.option(name, "dns_domain").lower() for name in controls]
    if any(f".{host}".endswith(f".{domain}") for domain in domains if domain):
        return "is a name of the cluster's own DNS, which nothing outside of it asks"
    machines = facts.site.machines if facts.site else {}
    if host.removesuffix(".maas") in machines:
        return "is the name of a machine"
    balancers = [name for name, _ in facts.named("kubeapi-load-balancer")]
    names = " ".join(facts.option(one, "extra_sans") for one in (*controls, *balancers))
    return "is a name of the API server (extra_sans)" if host in names.split() else ""


@rule(
    "BL081",
    "Kubeflow's installer on a machine of another architecture",
    Severity.ERROR,
    """kfctl was published for amd64 alone, and kustomize is taken for amd64 and arm64; the charm
    runs them on its own machine. Manifests that are built already need neither.""",
)
def foreign_machine(facts: Facts) -> Iterator[Hit]:
    """Find installers on machines that do not run the release's program."""
    for installer in installers(facts):
        known = installer.release.architectures
        for path, constraints in _machines_of(facts, installer):
            arch = _arch(constraints)
            if arch and arch not in known and not _is_built(installer):
                yield Hit(
                    path,
                    f"{installer.name} stands on a machine of {arch}, and Kubeflow"
                    f" {installer.release.name} is installed by a program for"
                    f" {' and '.join(known)}",
                    f"place it on such a machine (applications.{installer.name}.to)",
                )


def _machines_of(facts: Facts, installer: Installer) -> Iterator[tuple[KeyPath, str]]:
    """Yield where the constraints of an installer's machines stand, and what they say."""
    units = [unit for unit in facts.units if unit.application == installer.name]
    for unit in units:
        machine = facts.bundle.machines.get(unit.placement.machine)
        if machine is not None:
            yield ("machines", unit.placement.machine, "constraints"), machine.constraints
    if not units:
        yield ("applications", installer.name, "constraints"), installer.application.constraints


def _arch(constraints: str) -> str:
    return dict(split_constraints(constraints)).get("arch", "")


@rule(
    "BL082",
    "Kubeflow without a way out",
    Severity.WARNING,
    """The charm fetches what is not attached. A site whose charms are local, whose images or snaps
    come from the lab and that names no proxy is taken for one without a way out; manifests whose
    build fetches further ones must be built before.""",
    misses=("applications.kubeflow-installer.resources", "kubeflow", *CLUSTER),
)
def no_way_out(facts: Facts) -> Iterator[Hit]:
    """Find a lab that keeps everything itself, but not what Kubeflow is made of."""
    if facts.site is None or not keeps_everything(facts.site):
        return
    for installer in installers(facts):
        lacking = list(_lacking(facts, installer))
        if lacking:
            yield Hit(
                ("applications", installer.name, "resources"),
                f"the lab seems to have no way out, and nothing gives {', '.join(lacking)}",
                f"attach the files (applications.{installer.name}.resources), or name where the"
                " lab keeps them (kubeflow.manifests-url and its like; kubeflow.registry)",
            )


def _lacking(facts: Facts, installer: Installer) -> Iterator[str]:
    """Yield what the charm would fetch; kfctl, which it never does, has a rule of its own."""
    built = _is_built(installer)
    machines = list(_machines_of(facts, installer))
    arch = next((found for _, text in machines if (found := _arch(text))), "amd64")
    for archive in installer.release.archives:
        # One kustomize alone is run, and none where the manifests are built already.
        ours = archive in ("manifests", "platform") or (
            archive == f"kustomize-{arch}" and not built and not installer.release.needs_network
        )
        if ours and not installer.given(archive):
            yield archive
    if installer.release.needs_network and installer.given("manifests") and not built:
        yield "manifests that are built already"
    if not facts.option(installer.name, "image-registry"):
        yield "a registry for the images"


def _is_built(installer: Installer) -> bool:
    """Tell whether the manifests are YAML that was built, by the name of the file."""
    attached = str(installer.application.resources.get("manifests", ""))
    pinned = str(installer.application.options.get("manifests-url", "")).partition("#")[0]
    # A resource comes as .gz alone (BL083).
    return (attached or pinned).removesuffix(".gz").endswith((".yaml", ".yml"))


@rule(
    "BL089",
    "Excluded component that the release does not have",
    Severity.ERROR,
    """A component is left out by its name in the release's KfDef, and names change from release to
    release; the charm installs nothing while it is told one that there is not. Names of the
    releases from 1.7 on stand in their sources and are judged by the charm alone.""",
)
def unknown_component(facts: Facts) -> Iterator[Hit]:
    """Find names among the excluded components that a release of kfctl's does not have."""
    for installer in installers(facts):
        known = installer.release.components
        words = facts.option(installer.name, "excluded-components").replace(",", " ").split()
        for index, word in enumerate(words if known else ()):
            if word not in (*known, REPORTER):
                yield Hit(
                    ("applications", installer.name, "options", "excluded-components", index),
                    f"Kubeflow {installer.release.name} has no component {word}",
                    nearest(word, known, f"use one of {', '.join(known)}"),
                )


@rule(
    "BL090",
    "Setting of Kubeflow without effect",
    Severity.WARNING,
    """What a release does not have, the charm passes over: up to 1.2 kfctl is the program, later
    kustomize; 0.6 alone is made of kubeflow/kubeflow too; the notebook form offers GPU resources
    from 1.0 on and tolerations from 1.2 on.""",
)
def idle_setting(facts: Facts) -> Iterator[Hit]:
    """Find options that are set and that the release has no use for."""
    for installer in installers(facts):
        options = installer.application.options
        for option, why in installer.release.idle_options.items():
            # "none" asks for what there is.
            if options.get(option) not in (None, "", "none", _default(facts, installer, option)):
                yield Hit(
                    ("applications", installer.name, "options", option),
                    f"{option} has no effect on Kubeflow {installer.release.name}: {why}",
                    "take it out, or take a release that has it",
                )


def _default(facts: Facts, installer: Installer, option: str) -> object:
    charm = facts.charms.get(installer.name)
    return charm.options[option].default if charm and option in charm.options else None
