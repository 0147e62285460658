"""The validation of the options: all problems at once, each with its fix."""

from __future__ import annotations

from typing import Any

import pytest

from kubeflow_installer.options import Options, read_options
from kubeflow_installer.transform.notebooks import Toleration
from labcharm.validators import OptionsError

USER = {"user": "admin@kubeflow.org"}


def read(**options: Any) -> Options:
    """Read options; their names have underscores instead of dashes."""
    return read_options(
        {**USER, **{name.replace("_", "-"): text for name, text in options.items()}}
    )


def test_defaults_ask_for_nothing() -> None:
    """These are the defaults of config.yaml."""
    options = read(excluded_components="spartakus", gpu_vendor="nvidia.com/gpu")
    assert options == Options(
        "", "admin@kubeflow.org", "", ("", ""), ("spartakus",), "", (), "nvidia.com/gpu", (), (),
        {},
    )  # fmt: skip


def test_every_option_is_read() -> None:
    options = read(
        version=" 1.10.2 ",
        hostname="Kubeflow.lab.example",
        tls_secret="web/cert",  # noqa: S106 - a name
        excluded_components="katib, kserve",
        image_registry="reg.lab:5000/kf/",
        image_overrides="gcr.io/a/b:1=reg.lab:5000/b:2, busybox=quay.io/c@sha256:" + "a" * 64,
        gpu_vendor="none",
        spawner_tolerations="gpu=yes:NoSchedule lab.example/big:NoExecute",
        skipped_checks="nodes node-limits",
        manifests_url="https://lab.example/m.tar.gz#sha256=" + "a" * 64,
    )
    assert (options.version, options.hostname) == ("1.10.2", "kubeflow.lab.example")
    assert options.tls_secret == ("web", "cert")
    assert options.excluded == ("katib", "kserve")
    assert (options.registry, options.gpu_vendor) == ("reg.lab:5000/kf", "")
    assert options.overrides == (
        ("gcr.io/a/b:1", "reg.lab:5000/b:2"), ("busybox", "quay.io/c@sha256:" + "a" * 64),
    )  # fmt: skip
    assert options.tolerations == (
        Toleration("gpu", "yes", "NoSchedule"),
        Toleration("lab.example/big", "", "NoExecute"),
    )
    assert options.skipped == ("nodes", "node-limits")
    assert options.pinned["manifests"].digest == "sha256:" + "a" * 64


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"user": "admin"}, "user is 'admin'; write an e-mail address"),
        ({"user": "a b@c"}, "user is 'a b@c'; write"),
        ({"hostname": "10.0.0.1"}, "hostname is '10.0.0.1'; write a name"),
        ({"hostname": "https://kf.lab"}, "hostname is 'https://kf.lab'; write a name"),
        ({"hostname": "kf_1.lab"}, "hostname is 'kf_1.lab'"),
        ({"tls_secret": "cert"}, "tls-secret is 'cert'; write NAMESPACE/NAME"),
        ({"excluded_components": "../x"}, "excluded-components contains '../x'"),
        ({"image_registry": "https://reg"}, "image-registry is 'https://reg'; write HOST:PORT"),
        ({"image_overrides": "a:1"}, "image-overrides contains 'a:1'; write IMAGE=OTHER"),
        ({"image_overrides": "a:1="}, "image-overrides contains 'a:1='; write IMAGE=OTHER"),
        ({"image_overrides": "a=https://b/c"}, "image-overrides contains 'a=https://b/c'"),
        ({"image_overrides": "a=B/c"}, "image-overrides contains 'a=B/c'"),
        ({"image_overrides": "a=b a=c"}, "image-overrides names a twice; keep one of its"),
        ({"gpu_vendor": "nvidia"}, "gpu-vendor is 'nvidia'; write a resource"),
        ({"spawner_tolerations": "gpu"}, "spawner-tolerations contains 'gpu'; write taints"),
        ({"spawner_tolerations": "a=b:Never"}, "spawner-tolerations contains 'a=b:Never'"),
        ({"skipped_checks": "disk"}, "skipped-checks contains 'disk'; use admin"),
        (
            {"skipped_checks": "nodes files"},
            "skipped-checks contains 'files', which cannot be skipped; nothing can be installed"
            " without them; attach them, or pin them (*-url)",
        ),
        (
            {"skipped_checks": "options"},
            "skipped-checks contains 'options', which cannot be skipped; the release does not"
            " support them; change the option that the status names",
        ),
        ({"kfctl_url": "https://x/y"}, "kfctl-url is 'https://x/y'; write URL#sha256=DIGEST"),
        *(
            (
                {f"{name}_url": "https://u:hunter2@x#sha256=" + "a" * 64},
                f"{name}-url contains a user or a password; attach the file as a resource instead",
            )
            for name in ("kfctl", "kustomize", "manifests", "platform")
        ),
        ({"hostname": "https://u:hunter2@kf.lab"}, "hostname is 'https://***@kf.lab'; write"),
        ({"manifests_url": "ftp://x#sha256=" + "a" * 64}, "manifests-url is 'ftp://x"),
    ],
)
def test_invalid_option_is_described(options: dict[str, str], problem: str) -> None:
    """With the option, its content, the rule and the fix."""
    with pytest.raises(OptionsError) as error:
        read(**options)
    assert len(error.value.problems) == 1
    assert problem in error.value.problems[0]


def test_all_problems_are_reported_at_once() -> None:
    with pytest.raises(OptionsError) as error:
        read(user="x", hostname="1.2.3.4", gpu_vendor="gpu", skipped_checks="a b")
    assert len(error.value.problems) == 5
