"""A site's Kubeflow: options of the charm kubeflow-installer, and flags of the API server."""

from __future__ import annotations

from typing import Any

from ..bundle.includes import BASE64, FILE
from ..catalogue.kubeflow import (
    LAST_WITHOUT_TOKENS,
    TOKEN_FLAGS,
    choose_release,
)
from ..catalogue.kubernetes import read_track
from ..catalogue.profiles import Profile
from ..site.applications import Application
from ..site.kubeflow import Kubeflow
from ..site.model import Site

_DEFAULTS = Kubeflow()
# Two names of one flag (deprecated in Kubernetes 1.13, gone in 1.25).
_SAME = {"service-account-api-audiences": "api-audiences"}


def kubeflow_options(kubeflow: Kubeflow) -> dict[str, Any]:
    """Return the options: the user, and what the site says that is not the charm's default."""
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
    given = {key: value for key, value in options.items() if value}
    if kubeflow.excluded_components != _DEFAULTS.excluded_components:
        given["excluded-components"] = " ".join(kubeflow.excluded_components)
    return given


def api_flags(site: Site, profile: Profile) -> str:
    """Return what the API server's `api-extra-args` must hold for the site's Kubeflow."""
    if site.kubeflow is None:
        return ""
    control = site.applications.get(profile.control_plane, Application())
    channels = (control.options.get("channel"), site.kubernetes.channel, profile.kubernetes)
    tracks = (read_track(str(channel)) for channel in channels)
    kubernetes = next((track for track in tracks if track), None)
    installer = site.applications.get("kubeflow-installer", Application())
    wish = str(installer.options.get("version", site.kubeflow.version))
    release = choose_release(kubernetes, wish)
    if (
        kubernetes is None
        or kubernetes > LAST_WITHOUT_TOKENS
        or not (release and release.needs_projected_tokens)
    ):
        return ""
    return " ".join(TOKEN_FLAGS)


def merged_flags(given: Any, ours: Any) -> Any:
    """Return a site's own `api-extra-args` with those of ours that it does not set itself.

    What comes from a file (an include directive) is known to Juju alone, and stays as it is.
    """
    text = str(given).strip()
    if not ours or text.startswith((FILE, BASE64)):
        return given
    taken = {_flag(word) for word in text.split()}
    missing = [word for word in str(ours).split() if _flag(word) not in taken]
    return " ".join([text, *missing]).strip() if missing else given


def _flag(word: str) -> str:
    key = word.partition("=")[0]
    return _SAME.get(key, key)
