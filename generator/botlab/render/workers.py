"""The worker applications of a site: one of the profile, and one for each entry of `workers`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..catalogue.model import Charm
from ..catalogue.profiles import Profile, instance_name
from ..findings import Finding, lab_error
from ..site.applications import Application
from ..site.gpu import GpuStack
from ..site.model import Site
from ..site.roles import Role
from ..site.workers import Workers
from ..yaml_text import yaml_flow
from .kubeflow import kubernetes_release

Options = dict[str, Any]
NVIDIA_RUNTIME = "nvidia-runtime"
# The label with the key `gpu-model` of an entry of `workers`.
_GPU_MODEL = "gpu-model"
# The options of the worker charms for labels.
_LABEL_OPTIONS = ("labels", "node-labels")
# Kubernetes 1.23 added the taints to kubelet's configuration file (CHANGELOG-1.23), and the flag
# is deprecated.
_TAINTS_IN_FILE = (1, 23)


def instances(site: Site, profile: Profile, application: str) -> dict[str, str]:
    """Return the applications of one of the profile, with their entries of `workers`.

    The entry of the application itself is empty.
    """
    entries = ["", *site.workers] if application == profile.worker else [""]
    return {instance_name(application, workers): workers for workers in entries}


def machines_of(site: Site, workers: str) -> Iterator[str]:
    """Yield the worker machines of an entry of `workers`, or those of no entry."""
    for name, machine in site.machines.items():
        entry = machine.workers if machine.workers in site.workers else ""
        if Role.WORKER in machine.roles and entry == workers:
            yield name


def runtime_instances(site: Site) -> dict[str, tuple[str, ...]]:
    """Return the nvidia-runtime applications with the entries of `workers` whose GPUs they serve.

    An entry whose driver policy or architecture differs has an application of its own: a charm's
    option has one value, and an archive is for one architecture.
    """
    has_gpu = any(machine.gpu for machine in site.machines.values())
    # A subordinate needs a worker, and Juju does not manage those of an existing cluster.
    if not has_gpu or site.gpu.stack is not GpuStack.CHARM or site.kubernetes.is_existing:
        return {}
    policies = {workers: _policy(site, workers) for workers in _gpu_workers(site)}
    shared = [w for w, (driver, _) in policies.items() if driver == site.nvidia.driver]
    common = policies[shared[0]] if shared else ("", "")
    result: dict[str, tuple[str, ...]] = {}
    for workers, policy in policies.items():
        name = instance_name(NVIDIA_RUNTIME, "" if policy == common else workers)
        result[name] = (*result.get(name, ()), workers)
    return result or {NVIDIA_RUNTIME: ("",)}


def _gpu_workers(site: Site) -> Iterator[str]:
    """Yield the entries of `workers` that have GPUs; an empty name stands for no entry."""
    for workers in ("", *site.workers):
        if any(site.machines[name].gpu for name in machines_of(site, workers)):
            yield workers


def _policy(site: Site, workers: str) -> tuple[str, str]:
    """Return the driver and the architecture of the GPU machines of an entry."""
    architecture = site.machines[next(machines_of(site, workers))].architecture
    return runtime_driver(site, workers), architecture


def runtime_driver(site: Site, workers: str) -> str:
    """Return the driver policy of an entry of `workers`."""
    settings = site.workers.get(workers)
    return settings.driver if settings and settings.driver else site.nvidia.driver


def worker_options(site: Site, profile: Profile, workers: str) -> Options:
    """Return the options of a worker application that its entry of `workers` sets."""
    settings = site.workers.get(workers)
    if settings is None:
        return {}
    return {**_derived_options(site, profile, settings), **settings.options}


def replaced_options(site: Site, profile: Profile) -> Iterator[Finding]:
    """Yield the options of workers that replace what other keys of the entry set."""
    for entry, settings in site.workers.items() if profile.worker else ():
        name = instance_name(profile.worker, entry)
        own = site.applications.get(name, Application())
        for option in _derived_options(site, profile, settings):
            key = "labels" if option in _LABEL_OPTIONS else "taints"
            is_own = option in own.options
            if is_own or option in settings.options:
                section, owner = ("applications", name) if is_own else ("workers", entry)
                yield lab_error(
                    "BL146",
                    (section, owner, "options", option),
                    f"the option {option} replaces what workers.{entry}.{key} sets",
                    f"write all of it in one of the two: the option, or workers.{entry}.{key}",
                )


def _derived_options(site: Site, profile: Profile, settings: Workers) -> Options:
    """Return the options that hold the labels and taints of an entry of `workers`."""
    charm = profile.charms[profile.worker]
    labels = {**settings.labels}
    if settings.gpu_model:
        labels = {_GPU_MODEL: settings.gpu_model, **labels}
    options: Options = {}
    if labels:
        key = next(option for option in _LABEL_OPTIONS if option in charm.options)
        options[key] = " ".join(f"{label}={text}" for label, text in labels.items())
    if settings.taints:
        release = kubernetes_release(site, profile)
        is_in_file = release is not None and release >= _TAINTS_IN_FILE
        options |= _taint_options(charm, settings.taints, is_in_file=is_in_file)
    return options


def _taint_options(charm: Charm, taints: list[str], *, is_in_file: bool) -> Options:
    if "bootstrap-node-taints" in charm.options:
        return {"bootstrap-node-taints": " ".join(taints)}
    if not is_in_file:
        return {"kubelet-extra-args": f"register-with-taints={','.join(taints)}"}
    configuration = {"registerWithTaints": [_taint(taint) for taint in taints]}
    return {"kubelet-extra-config": yaml_flow(configuration)}


def _taint(text: str) -> dict[str, str]:
    head, _, effect = text.rpartition(":")
    key, equals, value = head.partition("=")
    return {"key": key, **({"value": value} if equals else {}), "effect": effect}


def application_settings(site: Site, name: str, base: str) -> Application:
    """Return the settings of an application.

    An application of an entry of `workers` has the charm and the resources of the profile's
    application, unless it names its own.
    """
    own = site.applications.get(name, Application())
    shared = site.applications.get(base, Application())
    changes = {
        "charm": own.charm or shared.charm,
        "resources": own.resources or shared.resources,
    }
    return own.model_copy(update=changes)
