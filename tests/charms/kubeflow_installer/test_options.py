"""What is judged of the options: all at once, each with its mend."""

from __future__ import annotations

from typing import Any

import pytest

from kubeflow_installer.options import CHECKS, Options, read_options
from kubeflow_installer.preflight.checks import NAMES
from kubeflow_installer.transform.transform import Toleration
from labcharm.validators import OptionsError

USER = {"user": "admin@kubeflow.org"}


def read(**values: Any) -> Options:
    """Read options; dashes are written as underscores."""
    return read_options({**USER, **{key.replace("_", "-"): one for key, one in values.items()}})


def test_as_they_come() -> None:
    """With the defaults of config.yaml nothing is asked for."""
    found = read(excluded_components="spartakus", gpu_vendor="nvidia.com/gpu")
    assert found == Options(
        "", "admin@kubeflow.org", "", ("", ""), ("spartakus",), "", "nvidia.com/gpu", (), (), {}
    )


def test_what_is_written_is_read() -> None:
    """Every option."""
    found = read(
        version=" 1.10.2 ",
        hostname="Kubeflow.lab.example",
        tls_secret="web/cert",  # noqa: S106 - a name
        excluded_components="katib, kserve",
        image_registry="reg.lab:5000/kf/",
        gpu_vendor="none",
        spawner_tolerations="gpu=yes:NoSchedule lab.example/big:NoExecute",
        skipped_checks="nodes node-limits",
        manifests_url="https://lab.example/m.tar.gz#sha256=" + "a" * 64,
    )
    assert (found.version, found.hostname) == ("1.10.2", "kubeflow.lab.example")
    assert found.tls_secret == ("web", "cert")
    assert found.excluded == ("katib", "kserve")
    assert (found.registry, found.gpu_vendor) == ("reg.lab:5000/kf", "")
    assert found.tolerations == (
        Toleration("gpu", "yes", "NoSchedule"),
        Toleration("lab.example/big", "", "NoExecute"),
    )
    assert found.skipped == ("nodes", "node-limits")
    assert found.pinned["manifests"].digest == "sha256:" + "a" * 64


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"user": "admin"}, "user is 'admin'; write an e-mail address"),
        ({"user": "a b@c"}, "user is 'a b@c'; write"),
        ({"hostname": "10.0.0.1"}, "hostname is '10.0.0.1'; write a name"),
        ({"hostname": "https://kf.lab"}, "hostname is 'https://kf.lab'; write a name"),
        ({"hostname": "kf_1.lab"}, "hostname is 'kf_1.lab'"),
        ({"tls_secret": "cert"}, "tls-secret is 'cert'; write NAMESPACE/NAME"),
        ({"excluded_components": "../x"}, "excluded-components holds '../x'"),
        ({"image_registry": "https://reg"}, "image-registry is 'https://reg'; write HOST:PORT"),
        ({"gpu_vendor": "nvidia"}, "gpu-vendor is 'nvidia'; write a resource"),
        ({"spawner_tolerations": "gpu"}, "spawner-tolerations holds 'gpu'; write taints"),
        ({"spawner_tolerations": "a=b:Never"}, "spawner-tolerations holds 'a=b:Never'"),
        ({"skipped_checks": "disk"}, "skipped-checks holds 'disk'; there are admin"),
        (
            {"skipped_checks": "nodes files"},
            "skipped-checks holds 'files', which cannot be skipped: there is nothing to install"
            " without them; attach them, or pin them (*-url)",
        ),
        (
            {"skipped_checks": "options"},
            "skipped-checks holds 'options', which cannot be skipped: the release cannot do what"
            " they ask for; change the option that the status names",
        ),
        ({"kfctl_url": "https://x/y"}, "kfctl-url is 'https://x/y'; write URL#sha256=DIGEST"),
        ({"manifests_url": "ftp://x#sha256=" + "a" * 64}, "manifests-url is 'ftp://x"),
    ],
)
def test_what_is_wrong_is_told(values: dict[str, str], told: str) -> None:
    """Option, value, rule and mend."""
    with pytest.raises(OptionsError) as error:
        read(**values)
    assert len(error.value.problems) == 1
    assert told in error.value.problems[0]


def test_all_at_once() -> None:
    """Nobody mends one by one."""
    with pytest.raises(OptionsError) as error:
        read(user="x", hostname="1.2.3.4", gpu_vendor="gpu", skipped_checks="a b")
    assert len(error.value.problems) == 5


def test_checks_are_those_that_are_made() -> None:
    """The option knows every precondition by its name; one is of files, not of the cluster."""
    assert (*NAMES, "manifests") == CHECKS
