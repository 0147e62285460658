"""Rules about the options, the files and the machine of the charm kubeflow-installer."""

from __future__ import annotations

from collections.abc import Iterator

from ....catalogue.kubeflow import REPORTER
from ....findings import Severity, suggest
from ..facts import ALL_CONTROL_PLANES, INSTALLER, Facts
from ..options.installers import Installer, installers, machine_architectures
from ..rule import CLUSTER_KEYS, Violation, rule


@rule(
    "BL079",
    Severity.WARNING,
    depends_on=(
        "applications.kubeflow-installer.resources.kfctl",
        "kubeflow.kfctl-url",
        *CLUSTER_KEYS,
    ),
)
def missing_kfctl(facts: Facts) -> Iterator[Violation]:
    """Yield the installers that need kfctl and are not given it."""
    for installer in installers(facts):
        if installer.release.uses_kfctl and not installer.has_archive("kfctl"):
            yield Violation(
                ("applications", installer.name, "resources"),
                f"kfctl {installer.release.name} is neither attached nor pinned",
                "download its release archive for Linux and name the file"
                f" (applications.{installer.name}.resources: {{kfctl: FILE}}), or name its URL"
                " (kubeflow.kfctl-url)",
            )


@rule("BL080", Severity.ERROR)
def conflicting_host_name(facts: Facts) -> Iterator[Violation]:
    """Yield the host names that already lead to something else."""
    for name, _ in facts.applications_of(INSTALLER):
        host = facts.option(name, "hostname").lower()
        conflict = _host_name_conflict(facts, host) if host else ""
        if conflict:
            yield Violation(
                ("applications", name, "options", "hostname"),
                f"{host} {conflict}",
                "choose a name for Kubeflow alone in the lab's DNS, such as kubeflow.lab.example",
            )


def _host_name_conflict(facts: Facts, host: str) -> str:
    control_planes = [name for name, _ in facts.applications_of(*ALL_CONTROL_PLANES)]
    domains = [
        facts.option(name, key).lower()
        for name in control_planes
        for key in ("dns_domain", "dns-cluster-domain")
    ]
    if any(f".{host}".endswith(f".{domain}") for domain in domains if domain):
        return "belongs to the cluster's own DNS domain, which only pods can resolve"
    machines = facts.site.machines if facts.site else {}
    if host.removesuffix(".maas") in machines:
        return "is the name of a machine"
    balancers = [name for name, _ in facts.applications_of("kubeapi-load-balancer")]
    sans = [
        facts.option(name, key)
        for name in (*control_planes, *balancers)
        for key in ("extra_sans", "kube-apiserver-extra-sans")
    ]
    return "is a name of the API server (extra_sans)" if host in " ".join(sans).split() else ""


@rule("BL081", Severity.ERROR)
def unsupported_architecture(facts: Facts) -> Iterator[Violation]:
    """Yield the machines of installers that cannot run the release's program."""
    for installer in installers(facts):
        release = installer.release
        for path, architecture in machine_architectures(facts, installer):
            is_supported = not architecture or architecture in release.architectures
            if not is_supported and not installer.has_built_manifests:
                yield Violation(
                    path,
                    f"{installer.name} is placed on a machine with the architecture"
                    f" {architecture}, but the program that installs Kubeflow {release.name}"
                    f" exists for {' and '.join(release.architectures)} only",
                    f"place it on such a machine (applications.{installer.name}.to)",
                )


@rule("BL089", Severity.ERROR)
def unknown_component(facts: Facts) -> Iterator[Violation]:
    """Yield the excluded components that a release of kfctl does not have."""
    for installer in installers(facts):
        components = installer.release.components
        words = facts.option(installer.name, "excluded-components").replace(",", " ").split()
        for index, word in enumerate(words if components else ()):
            if word not in (*components, REPORTER):
                yield Violation(
                    ("applications", installer.name, "options", "excluded-components", index),
                    f"Kubeflow {installer.release.name} has no component {word}",
                    suggest(word, components, f"use one of {', '.join(components)}"),
                )


@rule("BL090", Severity.WARNING)
def unused_setting(facts: Facts) -> Iterator[Violation]:
    """Yield the options that are set although the release does not use them."""
    for installer in installers(facts):
        options = installer.application.options
        for option, reason in installer.release.idle_options.items():
            # The value "none" and the default do not ask for anything special.
            unset = (None, "", "none", _default(facts, installer, option))
            if options.get(option) not in unset:
                yield Violation(
                    ("applications", installer.name, "options", option),
                    f"{option} has no effect on Kubeflow {installer.release.name}: {reason}",
                    "remove the setting, or use a release that has it",
                )


def _default(facts: Facts, installer: Installer, option: str) -> object:
    charm = facts.charms.get(installer.name)
    return charm.options[option].default if charm and option in charm.options else None
