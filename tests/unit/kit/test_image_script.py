"""The script that loads the images, run by a shell with a program in place of skopeo."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from botlab.kit.image_script import LoadedImage, image_script
from helpers.kits import unpack

HOSTILE = "a b'c$(touch x);\"d"
IMAGES = (
    LoadedImage("images/x=1.tar", "oci-archive", "r:5000/x:1", keeps_digest=False),
    LoadedImage("images/y.tar", "docker-archive", f"r:5000/{HOSTILE}", keeps_digest=False),
    LoadedImage("images/z.tar", "oci-archive", "r:5000/z@sha256:0", keeps_digest=True),
)
SHELLS = [shell for shell in ("sh", "dash", "bash", "busybox") if shutil.which(shell)]


def run_script(
    shell: str, script: Path, directory: Path, **variables: str
) -> subprocess.CompletedProcess[str]:
    """Run a script with a skopeo that prints its arguments, one in each line."""
    skopeo = directory / "bin/skopeo"
    skopeo.parent.mkdir(exist_ok=True)
    skopeo.write_text('#!/bin/sh\nprintf "%s\\n" "$PWD" "$@" --\nexit "${SKOPEO_STATUS:-0}"\n')
    skopeo.chmod(0o755)
    command = [shell, "sh"] if shell == "busybox" else [shell]
    environment = {"PATH": f"{skopeo.parent}:{os.environ['PATH']}", **variables}
    return subprocess.run(
        [*command, str(script)], cwd=directory, env=environment, capture_output=True, text=True,
        timeout=60,
    )  # fmt: skip


@pytest.fixture
def script(tmp_path: Path) -> Path:
    file = tmp_path / "kit (1)/load-images.sh"
    file.parent.mkdir()
    file.write_text(image_script(IMAGES))
    (file.parent / "images").mkdir()
    for image in IMAGES:
        (file.parent / image.path).touch()
    return file


@pytest.mark.parametrize("shell", SHELLS)
def test_images_are_copied_with_their_exact_names(
    shell: str, script: Path, tmp_path: Path
) -> None:
    done = run_script(shell, script, tmp_path, CDPATH="/")
    assert done.returncode == 0, done.stderr
    copy = [str(script.parent), "copy", "--quiet", "--all"]
    tls = "--dest-tls-verify=true"
    assert done.stdout.splitlines() == [
        "r:5000/x:1", *copy, tls, "oci-archive:images/x=1.tar", "docker://r:5000/x:1", "--",
        f"r:5000/{HOSTILE}", *copy, tls, "docker-archive:images/y.tar",
        f"docker://r:5000/{HOSTILE}", "--",
        "r:5000/z@sha256:0", *copy, "--preserve-digests", tls, "oci-archive:images/z.tar",
        "docker://r:5000/z@sha256:0", "--",
    ]  # fmt: skip
    assert not (tmp_path / "x").exists()
    assert not (script.parent / "x").exists()


def test_registry_without_tls_is_asked_for_by_a_variable(script: Path, tmp_path: Path) -> None:
    done = run_script("sh", script, tmp_path, TLS_VERIFY="false")
    assert done.stdout.count("--dest-tls-verify=false") == 3


@pytest.mark.parametrize("shell", SHELLS)
def test_images_that_cannot_be_loaded_are_all_reported(
    shell: str, script: Path, tmp_path: Path
) -> None:
    """A lab with a hundred images should not wait for a second run to learn of the next one."""
    done = run_script(shell, script, tmp_path, SKOPEO_STATUS="3")
    assert done.returncode == 1
    assert done.stderr == "".join(
        f"{image.target}: was not loaded; fix what skopeo reports, and run the script again\n"
        for image in IMAGES
    )


def test_missing_skopeo_is_reported_once(script: Path, tmp_path: Path) -> None:
    programs = tmp_path / "programs"
    programs.mkdir()
    for name in ("sh", "dirname"):
        (programs / name).symlink_to(shutil.which(name) or "")
    done = subprocess.run(
        ["sh", str(script)], env={"PATH": str(programs)}, capture_output=True, text=True
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("skopeo is not installed; install the package skopeo")
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("shell", SHELLS)
def test_missing_archive_is_reported_after_the_others_are_loaded(
    shell: str, script: Path, tmp_path: Path
) -> None:
    archive = script.parent / "images/y.tar"
    archive.unlink()
    done = run_script(shell, script, tmp_path)
    assert (done.returncode, done.stdout.count("--dest-tls-verify")) == (1, 2)
    assert done.stderr == "images/y.tar: is missing; INSTALL.md has the command that fetches it\n"
    archive.touch()
    assert run_script(shell, script, tmp_path).stdout.count("--dest-tls-verify") == 3


def test_script_of_a_kit_without_images_does_nothing(tmp_path: Path) -> None:
    file = tmp_path / "load-images.sh"
    file.write_text(image_script(()))
    done = run_script("sh", file, tmp_path)
    assert (done.returncode, done.stdout) == (0, "")


def test_script_of_the_example_names_all_images(kit: Path, tmp_path: Path) -> None:
    top = unpack(kit, tmp_path / "kit")
    done = run_script("sh", top / "load-images.sh", tmp_path)
    files = [f"oci-archive:images/{file.name}" for file in (top / "images").iterdir()]
    assert sorted(files) == sorted(
        line for line in done.stdout.splitlines() if line.startswith("oci-archive:")
    )
    assert os.access(top / "load-images.sh", os.X_OK)


@pytest.mark.skipif(not shutil.which("shellcheck"), reason="shellcheck is not installed")
def test_shellcheck_has_no_remark(kit: Path, tmp_path: Path) -> None:
    script = unpack(kit, tmp_path) / "load-images.sh"
    done = subprocess.run(["shellcheck", str(script)], capture_output=True, text=True)
    assert done.stdout == ""
