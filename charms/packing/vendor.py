"""Dependencies of an archive: wheels that are pinned by hash, without their compiled parts."""

import hashlib
import os
import re
import subprocess
import sys
import tempfile
import zipfile

REQUIREMENTS = os.path.join(
    os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "requirements"
)
# Version, implementation and ABI of the Python for which pip chooses the wheels of a set.
PYTHON = {"bionic": ("3.6", "cp36", "cp36m"), "modern": ("3.10", "cp310", "cp310")}
# The packages run without these files: compiled parts, types and tests. RECORD lists files that
# are left out here, and WHEEL names the architecture of the compiled ones. The rest of a wheel is
# the same for every architecture.
EXCLUDED = re.compile(r"\.(so|pyd|pyi|pyc)(\.|$)|\.libs/|^_yaml/|/tests/|/(RECORD|WHEEL)$")


def vendor(name: str, cache: str) -> str:
    """Return the directory with the unpacked wheels of a requirement set.

    Args:
        name: The set: ``bionic`` or ``modern``, or one of these with a suffix.
        cache: The directory that keeps the unpacked wheels, by the digest of the lock file and of
            the rule for left-out files.

    Raises:
        subprocess.CalledProcessError: When pip cannot download them.
    """
    lock = os.path.join(REQUIREMENTS, name + ".txt")
    with open(lock, "rb") as file:
        digest = hashlib.sha256(file.read() + EXCLUDED.pattern.encode()).hexdigest()[:16]
    directory = os.path.join(cache, f"venv-{name}-{digest}")
    if not os.path.isdir(directory):
        os.makedirs(cache, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache) as scratch:
            _download(name, lock, scratch)
            _unpack(scratch, os.path.join(scratch, "venv"))
            _publish(os.path.join(scratch, "venv"), directory)
    return directory


def _publish(unpacked: str, directory: str) -> None:
    """Give the unpacked wheels their place, unless another packer was faster.

    Args:
        unpacked: A directory of the same file system.
        directory: The place.
    """
    try:
        os.rename(unpacked, directory)
    except OSError:
        # Its files are the same. A move into the directory would change them.
        if not os.path.isdir(directory):
            raise


def _download(name: str, lock: str, target: str) -> None:
    python, implementation, abi = PYTHON[name.partition("-")[0]]
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--require-hashes", "--no-deps"]
    command += ["--disable-pip-version-check", "--only-binary", ":all:", "--dest", target]
    command += ["--python-version", python, "--implementation", implementation[:2], "--abi", abi]
    command += ["--abi", "none", "--platform", "manylinux2014_x86_64", "--platform"]
    command += ["manylinux_2_17_x86_64", "--platform", "any", "-r", lock]
    # If the packer is ended, pip leaves its own temporary files, which are removed with these.
    environment = dict(os.environ, TMPDIR=target)
    subprocess.run(command, check=True, env=environment)  # noqa: S603 - our own arguments


def _unpack(wheels: str, target: str) -> None:
    for wheel in sorted(name for name in os.listdir(wheels) if name.endswith(".whl")):
        with zipfile.ZipFile(os.path.join(wheels, wheel)) as archive:
            for name in archive.namelist():
                if not EXCLUDED.search(name):
                    archive.extract(name, target)
