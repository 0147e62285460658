"""The options of the charm kubeflow-installer for a site, and the API server's flags for it."""

from __future__ import annotations

from typing import Any

from ..bundle.includes import BASE64, FILE
from ..catalogue.kubeflow import INOTIFY_LIMITS, LAST_WITHOUT_TOKENS, TOKEN_FLAGS, choose_release
from ..catalogue.kubernetes import Version, read_track
from ..catalogue.profiles import Profile
from ..catalogue.yaml_files import load_yaml
from ..site.applications import Application
from ..site.kubeflow import Kubeflow
from ..site.model import Site
from ..yaml_text import yaml_flow

Options = dict[str, Any]
_DEFAULTS = Kubeflow()
_CILIUM = "cilium"
# Cilium sets this on its interfaces, and the charms' default would set it back
# (charmed-kubernetes/bundle, overlays/cilium-overlay.yaml).
_CILIUM_SYSCTL = {"net.ipv4.conf.all.rp_filter": 0}
# Flags with two names. The first one is deprecated in Kubernetes 1.13 and was removed in 1.25.
_SYNONYMS = {"service-account-api-audiences": "api-audiences"}


def kubeflow_options(kubeflow: Kubeflow) -> Options:
    """Return the options that are set and that differ from the charm's defaults."""
    options = {
        "version": kubeflow.version,
        "user": kubeflow.user,
        "hostname": kubeflow.hostname,
        "tls-secret": kubeflow.tls_secret,
        "gpu-vendor": "" if kubeflow.gpu_vendor == _DEFAULTS.gpu_vendor else kubeflow.gpu_vendor,
        "spawner-tolerations": " ".join(kubeflow.spawner_tolerations),
        "kfctl-url": kubeflow.kfctl_url,
        "kustomize-url": kubeflow.kustomize_url,
        "manifests-url": kubeflow.manifests_url,
        "platform-url": kubeflow.platform_url,
        "image-registry": kubeflow.registry,
    }
    options = {key: setting for key, setting in options.items() if setting}
    if kubeflow.excluded_components != _DEFAULTS.excluded_components:
        options["excluded-components"] = " ".join(kubeflow.excluded_components)
    return options


def api_server_flags(site: Site, profile: Profile) -> str:
    """Return the flags that the site's Kubeflow needs in the API server's `api-extra-args`."""
    if site.kubeflow is None:
        return ""
    kubernetes = kubernetes_release(site, profile)
    installer = site.applications.get("kubeflow-installer", Application())
    version = str(installer.options.get("version", site.kubeflow.version))
    release = choose_release(kubernetes, version)
    needs_tokens = release is not None and release.needs_projected_tokens
    if kubernetes is None or kubernetes > LAST_WITHOUT_TOKENS or not needs_tokens:
        return ""
    return " ".join(TOKEN_FLAGS)


def sysctl_options(site: Site, profile: Profile) -> dict[str, str]:
    """Return the option `sysctl` of the workers and of the control plane.

    An option replaces the charm's default as a whole, so it has the default's other values. It is
    empty where nothing differs from the default, and where the charm has no such option.
    """
    worker = profile.charms.get(profile.worker)
    option = worker.options.get("sysctl") if worker else None
    if option is None:
        return {"worker": "", "control_plane": ""}
    default = load_yaml(str(option.default or "{}"), "sysctl")
    network = _CILIUM_SYSCTL if site.kubernetes.cni == _CILIUM else {}
    limits = {key: max(int(default.get(key, 0)), low) for key, low in INOTIFY_LIMITS.items()}
    for_workers = {**network, **(limits if site.kubeflow else {})}
    return {
        "worker": yaml_flow({**default, **for_workers}) if for_workers else "",
        "control_plane": yaml_flow({**default, **network}) if network else "",
    }


def kubernetes_release(site: Site, profile: Profile) -> Version | None:
    """Return the Kubernetes release that the site deploys; None when no channel names one."""
    control_plane = site.applications.get(profile.control_plane, Application())
    channels = (control_plane.options.get("channel"), profile.kubernetes)
    tracks = (read_track(str(channel)) for channel in channels)
    return next((track for track in tracks if track), None)


def merge_flags(own: object, required: object) -> object:
    """Return a site's own `api-extra-args` with the required flags that it does not set itself.

    An include directive is returned unchanged, because only Juju knows what the file holds.
    """
    text = str(own).strip()
    if not required or text.startswith((FILE, BASE64)):
        return own
    names = {_flag_name(flag) for flag in text.split()}
    missing = [flag for flag in str(required).split() if _flag_name(flag) not in names]
    return " ".join([text, *missing]).strip() if missing else own


def _flag_name(flag: str) -> str:
    name = flag.partition("=")[0]
    return _SYNONYMS.get(name, name)
