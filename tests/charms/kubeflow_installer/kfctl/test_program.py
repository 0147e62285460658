"""kfctl's steps, environment and messages."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kubeflow_installer.kfctl.program import Kfctl, failure_reason


def test_kfctl_1_0_has_one_step(tmp_path: Path) -> None:
    """It applies a file; what an earlier try left half done is removed."""
    kfctl = Kfctl("1.0.2", str(tmp_path), "the kfdef", "http://api")
    (step,) = kfctl.steps()
    app = tmp_path / "kubeflow"
    assert step == ("apply", str(app), ["apply", "-V", "-f", f"{app}/kfdef.yaml"], True)
    for _ in range(2):
        kfctl.prepare(step)
        assert [path.name for path in app.iterdir()] == ["kfdef.yaml"]
        assert (app / "kfdef.yaml").stat().st_mode & 0o777 == 0o600
        (app / "kustomize").mkdir()


def test_kfctl_0_6_has_three_steps(tmp_path: Path) -> None:
    """It makes its directory itself, and may repeat applying what it generated."""
    kfctl = Kfctl("0.6.2", str(tmp_path), "the kfdef", "http://api")
    init, generate, apply = kfctl.steps()
    assert init.args == ["init", "kubeflow", f"--config={tmp_path}/kfdef.yaml", "-V"]
    assert (generate.args, apply.args) == (["generate", "all", "-V"], ["apply", "all", "-V"])
    assert [step.may_repeat for step in (init, generate, apply)] == [False, False, True]
    (tmp_path / "kubeflow").mkdir()
    kfctl.prepare(init)
    assert [path.name for path in tmp_path.iterdir()] == ["kfdef.yaml"]
    (tmp_path / "kubeflow").mkdir()
    for step in (generate, apply):
        kfctl.prepare(step)
        assert (tmp_path / "kubeflow").is_dir()


@pytest.mark.parametrize("hostname", ["", "kubeflow.lab.example"])
def test_environment_has_neither_proxies_nor_credentials(tmp_path: Path, hostname: str) -> None:
    """The password in it is never used."""
    kfctl = Kfctl("0.6.2", str(tmp_path), "", "http://127.0.0.1:1/secret")
    environment, second = (kfctl.environment("jo@lab.example", hostname) for _ in range(2))
    passwords = {variables.pop("KUBEFLOW_PASSWORD") for variables in (environment, second)}
    assert len(passwords) == 2
    home = f"{tmp_path}/home"
    endpoints = {
        "KUBEFLOW_ENDPOINT": f"https://{hostname}",
        "OIDC_ENDPOINT": f"https://{hostname}:5556/dex",
    }
    assert environment == {
        "PATH": "/usr/bin:/bin", "LC_ALL": "C", "HOME": home, "TMPDIR": home,
        "KUBECONFIG": f"{home}/kubeconfig", "NO_PROXY": "*", "no_proxy": "*",
        "KUBEFLOW_USER_EMAIL": "jo@lab.example", **(endpoints if hostname else {}),
    }  # fmt: skip
    kubeconfig = json.loads(Path(environment["KUBECONFIG"]).read_text())
    assert kubeconfig["clusters"][0]["cluster"] == {"server": "http://127.0.0.1:1/secret"}
    assert kubeconfig["users"][0]["user"] == {}


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        (["Error: one", "Usage:", "  kfctl apply", "-V verbose"], "Error: one"),
        (['level=info msg="a"', 'level=error msg="b"', "c"], 'level=error msg="b"'),
        (["panic: no", "goroutine 1"], "goroutine 1"),
        ([], "kfctl printed nothing"),
        (["Error: " + "x" * 900], ("Error: " + "x" * 900)[:400]),
    ],
)
def test_reason_of_a_failure_is_read_from_the_output(lines: list[str], reason: str) -> None:
    """The usage that kfctl prints after it does not count."""
    assert failure_reason(lines) == reason
