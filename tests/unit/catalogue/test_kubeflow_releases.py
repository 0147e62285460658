"""What the generator knows of the charm kubeflow-installer is what the charm says itself."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from botlab.catalogue import kubeflow as ours
from botlab.catalogue.kubernetes import read_track, version_text
from botlab.render.kubeflow import kubeflow_options
from botlab.site.kubeflow import Kubeflow

ROOT = Path(__file__).resolve().parents[3]
CHARM = ROOT / "charms/kubeflow-installer"
SERVERS = [(1, minor) for minor in range(10, 41)]


@pytest.fixture
def charm(charm_modules: Any) -> Any:
    """Return a function that imports a module of the charm."""
    return charm_modules("kubeflow-installer")


def test_the_components_are_the_charms(charm: Any) -> None:
    """Of kfctl's releases, in the order of their KfDefs; of the others there is no table."""
    theirs = charm("kf_kfdef")
    components = {row.name: list(row.components) for row in ours.releases()}

    assert components == {
        row.name: theirs.components(row.name) if row.uses_kfctl else [] for row in ours.releases()
    }
    for row in ours.releases()[:4]:
        theirs.check(row.name, [*row.components, ours.REPORTER])


@pytest.mark.parametrize("server", SERVERS, ids=version_text)
def test_the_choice_is_the_charms(charm: Any, server: tuple[int, int]) -> None:
    """For every Kubernetes: what is taken unasked, and what can be asked for."""
    theirs = charm("kf_releases")
    chosen = ours.choose_release(server, "")

    if chosen is None:
        with pytest.raises(theirs.ReleaseError):
            theirs.choose(server, "")
    else:
        assert theirs.choose(server, "").name == chosen.name
    assert [row.name for row in ours.releases() if row.fits(server)] == theirs.fitting(server)


def test_a_release_is_known_by_its_name() -> None:
    """With the letter of its tag or without; nothing else is one."""
    assert ours.find_release("v0.6.2") is ours.find_release("0.6.2") is not None
    assert [ours.find_release(name) for name in ("", "0.6", "0.6.20", "26.3")] == [None] * 4
    assert ours.choose_release(None, "") is None
    assert ours.choose_release(None, "26.03") is ours.releases()[-1]


def test_the_flags_are_those_that_the_charm_asks_for(charm: Any) -> None:
    """The bundle sets what the charm's status would otherwise name."""
    assert " ".join(ours.TOKEN_FLAGS) in charm("kf_flags").issue_tokens((1, 15))


FULL = {
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
    "site", [{}, FULL, {"gpu-vendor": "none", "excluded-components": [], "user": "a@b"}]
)
def test_the_charm_takes_what_the_site_file_takes(charm: Any, site: dict[str, Any]) -> None:
    """Every option has the charm's name and passes its own judgement, beside its defaults."""
    config = yaml.safe_load((CHARM / "config.yaml").read_text(encoding="utf-8"))["options"]
    defaults = {name: body["default"] for name, body in config.items()}
    given = kubeflow_options(Kubeflow.model_validate(site))

    options = charm("kf_options").read_options({**defaults, **given})

    assert set(given) <= set(defaults)
    assert options.user == site.get("user", "admin@kubeflow.org")
    assert list(options.excluded) == site.get("excluded-components", ["spartakus"])
    assert len(options.tolerations) == len(site.get("spawner-tolerations", []))
    assert sorted(options.pinned) == sorted(
        key.removesuffix("-url") for key in site if key.endswith("-url")
    )


def test_the_site_files_defaults_are_the_charms() -> None:
    """What the site leaves out is left out of the bundle, but for the user."""
    config = yaml.safe_load((CHARM / "config.yaml").read_text(encoding="utf-8"))["options"]
    plain = Kubeflow()

    assert kubeflow_options(plain) == {"user": config["user"]["default"]}
    assert plain.gpu_vendor == config["gpu-vendor"]["default"]
    assert " ".join(plain.excluded_components) == config["excluded-components"]["default"]


@pytest.mark.parametrize(
    ("text", "track"),
    [
        ("1.13/stable", (1, 13)),
        ("1.35", (1, 35)),
        ("latest/edge", None),
        ("v1.13", None),
        ("", None),
    ],
)
def test_a_channels_track(text: str, track: tuple[int, int] | None) -> None:
    """Of a channel that names one; no other."""
    assert read_track(text) == track
