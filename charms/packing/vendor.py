"""Fetch what an archive carries beside the charm: hashed wheels, their pure Python parts only."""

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile

HERE = os.path.dirname(os.path.abspath(__file__))
REQUIREMENTS = os.path.join(os.path.dirname(HERE), "requirements")
# The Python that a set is for: what pip chooses wheels by.
PYTHON = {"bionic": ("3.6", "cp36", "cp36m"), "modern": ("3.10", "cp310", "cp310")}
# RECORD lists files that are left out here; what is left runs without it.
LEFT_OUT = re.compile(r"\.(so|pyd|pyi|pyc)(\.|$)|\.libs/|^_yaml/|/RECORD$")


def vendor(name: str, cache: str) -> str:
    """Return the folder with the unpacked wheels of a requirement set.

    Args:
        name: The set: ``bionic`` or ``modern``, or one of these with a charm's word behind it.
        cache: Folder that keeps the results, by the lock's digest.

    Raises:
        subprocess.CalledProcessError: When pip cannot fetch them.
    """
    lock = os.path.join(REQUIREMENTS, name + ".txt")
    with open(lock, "rb") as file:
        digest = hashlib.sha256(file.read()).hexdigest()[:16]
    folder = os.path.join(cache, "venv-%s-%s" % (name, digest))
    if not os.path.isdir(folder):
        os.makedirs(cache, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache) as work:
            _fetch(name, lock, work)
            _unpack(work, os.path.join(work, "venv"))
            shutil.move(os.path.join(work, "venv"), folder)
    return folder


def _fetch(name: str, lock: str, work: str) -> None:
    python, implementation, abi = PYTHON[name.partition("-")[0]]
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--require-hashes", "--no-deps"]
    command += ["--disable-pip-version-check", "--only-binary", ":all:", "--dest", work]
    command += ["--python-version", python, "--implementation", implementation[:2], "--abi", abi]
    command += ["--abi", "none", "--platform", "manylinux2014_x86_64", "--platform"]
    command += ["manylinux_2_17_x86_64", "--platform", "any", "-r", lock]
    subprocess.run(command, check=True)  # noqa: S603 - our own arguments


def _unpack(work: str, target: str) -> None:
    for wheel in sorted(name for name in os.listdir(work) if name.endswith(".whl")):
        with zipfile.ZipFile(os.path.join(work, wheel)) as archive:
            for name in archive.namelist():
                if not LEFT_OUT.search(name):
                    archive.extract(name, target)
