"""The generator and the charm kubeflow-installer agree about releases and options."""

from __future__ import annotations

from typing import Any

import pytest

from botlab.catalogue import kubeflow
from botlab.catalogue.kubernetes import Version, read_track, version_text
from botlab.render.kubeflow import kubeflow_options
from botlab.site.kubeflow import Kubeflow
from helpers.charm_projects import default_options
from kubeflow_installer.kfctl import kfdef
from kubeflow_installer.options import read_options
from kubeflow_installer.preflight import api_server_flags
from kubeflow_installer.releases import table as charm_table
from labkube.charm.releases import ReleaseError

KUBERNETES_RELEASES = [(1, minor) for minor in range(10, 41)]


def test_archives_of_a_release_are_those_that_the_charm_installs_from() -> None:
    """A release that kustomize builds has one kustomize archive per architecture."""
    assert {release.name: set(release.archives) for release in kubeflow.releases()} == {
        release.name: set(charm_table.find(release.name).archives)
        for release in kubeflow.releases()
    }


def test_components_are_those_of_the_kfdef() -> None:
    """In the order of the KfDef. Releases that kustomize builds have none."""
    for release in kubeflow.releases():
        components = kfdef.components(release.name) if release.uses_kfctl else []
        assert list(release.components) == components


def test_charm_accepts_each_component_and_the_reporter_as_excluded() -> None:
    """The reporter may be excluded from any release."""
    for release in kubeflow.releases()[:4]:
        kfdef.check(release.name, [*release.components, kubeflow.REPORTER])


@pytest.mark.parametrize("kubernetes", KUBERNETES_RELEASES, ids=version_text)
def test_charm_installs_a_release_exactly_where_the_catalogue_says_so(
    kubernetes: Version,
) -> None:
    """The default release, and the releases that can be asked for."""
    release = kubeflow.choose_release(kubernetes, "")

    if release is None:
        with pytest.raises(ReleaseError):
            charm_table.choose(kubernetes, "")
    else:
        assert charm_table.choose(kubernetes, "").name == release.name
    fitting = [release.name for release in kubeflow.releases() if release.fits(kubernetes)]
    assert fitting == charm_table.fitting(kubernetes)


def test_release_is_found_by_its_whole_name_with_or_without_v() -> None:
    """A part of a name is not the name of a release."""
    release = kubeflow.find_release("0.6.2")

    assert kubeflow.find_release("v0.6.2") is release is not None
    assert [kubeflow.find_release(name) for name in ("", "0.6", "0.6.20", "26.3")] == [None] * 4


def test_named_release_is_chosen_without_a_kubernetes_release() -> None:
    """Without both, there is no release."""
    assert kubeflow.choose_release(None, "") is None
    assert kubeflow.choose_release(None, "26.03") is kubeflow.releases()[-1]


def test_token_flags_are_those_that_the_charm_asks_for() -> None:
    """The bundle sets the flags that the charm's status would ask for."""
    assert " ".join(kubeflow.TOKEN_FLAGS) in api_server_flags.issue_tokens((1, 15))


ALL_KEYS = {
    "version": "v1.10.2",
    "user": "ann+lab@lab.example",
    "hostname": "kubeflow.lab.example",
    "tls-secret": "certificates/kubeflow.lab",
    "excluded-components": ["spartakus", "katib-controller", "kserve_models.web"],
    "gpu-vendor": "amd.com/gpu",
    "spawner-tolerations": ["nvidia.com/gpu=present:NoSchedule", "gpu:NoExecute", "a=:NoSchedule"],
    "registry": "registry.lab.example:5000/kubeflow/mirror",
    **{
        f"{name}-url": f"http://files.lab.example/{name}.tar.gz#sha256={'a' * 64}"
        for name in ("kfctl", "kustomize", "manifests", "platform")
    },
}


@pytest.mark.parametrize(
    "section", [{}, ALL_KEYS, {"gpu-vendor": "none", "excluded-components": [], "user": "a@b"}]
)
def test_charm_accepts_the_options_of_a_valid_section(section: dict[str, Any]) -> None:
    """Every option has the name that the charm gives it, and passes the charm's validation."""
    rendered = kubeflow_options(Kubeflow.model_validate(section))

    options = read_options({**default_options("kubeflow-installer"), **rendered})

    assert set(rendered) <= set(default_options("kubeflow-installer"))
    assert options.user == section.get("user", "admin@kubeflow.org")
    assert list(options.excluded) == section.get("excluded-components", ["spartakus"])
    assert len(options.tolerations) == len(section.get("spawner-tolerations", []))
    assert sorted(options.pinned) == sorted(
        key.removesuffix("-url") for key in section if key.endswith("-url")
    )


def test_defaults_of_the_section_are_the_defaults_of_the_charm() -> None:
    """The bundle leaves default options out, except for the user."""
    kubeflow_section = Kubeflow()
    defaults = default_options("kubeflow-installer")

    assert kubeflow_options(kubeflow_section) == {"user": defaults["user"]}
    assert kubeflow_section.gpu_vendor == defaults["gpu-vendor"]
    assert " ".join(kubeflow_section.excluded_components) == defaults["excluded-components"]


@pytest.mark.parametrize(
    ("channel", "track"),
    [
        ("1.13/stable", (1, 13)),
        ("1.35", (1, 35)),
        ("latest/edge", None),
        ("v1.13", None),
        ("", None),
    ],
)
def test_track_of_a_channel_is_its_kubernetes_release(channel: str, track: Version | None) -> None:
    """A channel without numbers at its start has none."""
    assert read_track(channel) == track
