"""The kubelet of this machine, and which container engine it uses."""

import re
from typing import List, Mapping, NamedTuple, Optional, Sequence, Set, Tuple

from labcharm.machine import Machine
from reconciler.command_line import flags_of, read_unit
from reconciler.cri_files import matching_files
from reconciler.installation import file_flags
from reconciler.toml_text import unquote

# A key of the kubelet's configuration since 1.27 (KubeletConfiguration, v1beta1).
_ENDPOINT = re.compile(r"^containerRuntimeEndpoint:[ \t]*([^\s#]+)", re.MULTILINE)
# The kubelet's default since 1.27.
CONTAINERD_ADDRESS = "unix:///run/containerd/containerd.sock"
# Kubernetes 1.24 removed dockershim, which was the default before.
_WITHOUT_DOCKERSHIM = (1, 24)


class Kubelet(NamedTuple):
    """An installation of the kubelet.

    Attributes:
        service: Its systemd unit.
        program: Its path; empty for the one that the unit starts.
        args_file: The file with the arguments of its command line; empty where the unit has them.
    """

    service: str
    program: str = ""
    args_file: str = ""


K8S_SNAP = Kubelet(
    "snap.k8s.kubelet.service",
    "/snap/k8s/current/bin/kubelet",
    "/var/snap/k8s/common/args/kubelet",
)
# That of Charmed Kubernetes, and that of packages such as kubeadm's.
_SNAP = Kubelet(
    "snap.kubelet.daemon.service",
    "/snap/kubelet/current/kubelet",
    "/var/snap/kubelet/current/args",
)
_PACKAGE = Kubelet("kubelet.service")
KUBELETS = (K8S_SNAP, _SNAP, _PACKAGE)


def loaded_units(machine: Machine, names: Sequence[str]) -> Set[str]:
    """Return those of the systemd units that are installed."""
    command = ["systemctl", "show", "--property", "Id,LoadState", *names]
    loaded = set()
    for text in machine.run(command, timeout=20).out.split("\n\n"):
        properties = dict(line.split("=", 1) for line in text.splitlines() if "=" in line)
        if properties.get("LoadState") == "loaded":
            loaded.add(properties.get("Id", ""))
    return loaded


def engine_of(machine: Machine, kubelet: Kubelet) -> str:
    """Return which engine a kubelet uses: docker, or the address of another engine's socket.

    The answer is empty where nothing decides it: the kubelet has no configuration yet, or its
    release is older than 1.24 and would use docker only where no other engine is found.
    """
    if kubelet.args_file:
        flags = file_flags(machine, kubelet.args_file)
        program = kubelet.program
    else:
        args = read_unit(machine, kubelet.service, {}).args
        flags, program = flags_of(args), (args or [""])[0]
    if _last(flags, "container-runtime") == "docker":
        return "docker"
    address = _last(flags, "container-runtime-endpoint") or _configured(machine, flags)
    if address:
        is_docker = address.endswith(("dockershim.sock", "cri-dockerd.sock"))
        return "docker" if is_docker else address
    version = _version(machine, program) if flags else None
    is_known = version is not None and version >= _WITHOUT_DOCKERSHIM
    return CONTAINERD_ADDRESS if is_known else ""


def _last(flags: Mapping[str, List[str]], name: str) -> str:
    return unquote(flags.get(name, [""])[-1])


def _configured(machine: Machine, flags: Mapping[str, List[str]]) -> str:
    """Return the address in the kubelet's configuration; empty where it names none.

    The files of `--config-dir` override the file of `--config`, the last one first.
    """
    directory = _last(flags, "config-dir")
    paths = matching_files(machine, f"{directory}/*.conf") if directory else []
    for path in [*reversed(paths), _last(flags, "config")]:
        match = _ENDPOINT.search(machine.read(path) or "") if path else None
        if match and unquote(match.group(1)):
            return unquote(match.group(1))
    return ""


def _version(machine: Machine, program: str) -> Optional[Tuple[int, int]]:
    output = machine.run([program, "--version"], timeout=20).out if program else ""
    match = re.search(r"v(\d+)\.(\d+)\.", output)
    return (int(match.group(1)), int(match.group(2))) if match else None
