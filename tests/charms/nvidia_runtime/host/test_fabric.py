"""NVSwitches and the fabric manager, by the documented output of NVIDIA's programs."""

from __future__ import annotations

from pathlib import Path

import pytest

from helpers.fake_apt import FakeApt
from helpers.fake_machine import FakeMachine
from labcharm.errors import BlockedError, CharmError, WaitingError
from labcharm.machine import CommandResult
from labcharm.text import STATUS_LIMIT
from nvidia_runtime.host.fabric import MODULES_FILE, SERVICE, Fabric, FabricManager, find_fabric
from nvidia_runtime.host.packages import Apt

DRIVER = "580.126.20"
PACKAGE = "nvidia-fabricmanager-580"
SWITCHES, BRIDGES = Fabric(6, 0), Fabric(0, 2)
SUBNET_MANAGER = "/opt/nvidia/nvlsm/sbin/nvlsm"
PROPERTY = "systemctl show --property"


class ScriptedManager:
    """The fabric manager's package, program and service on a fake machine.

    Attributes:
        version: The version of the installed program; empty without one.
        state: The state of its service.
        is_enabled: Whether it starts at each boot.
        state_after_start: The state in which a start ends.
    """

    def __init__(self, machine: FakeMachine, packages: FakeApt) -> None:
        self.version, self.state, self.is_enabled = DRIVER, "active", True
        self.state_after_start = "active"
        self._packages = packages
        machine.answers.update(
            {
                "nv-fabricmanager --version": self._version,
                f"{PROPERTY} ActiveState {SERVICE}": lambda _: f"ActiveState={self.state}\n",
                f"{PROPERTY} UnitFileState {SERVICE}": self._unit_file_state,
                f"systemctl enable {SERVICE}": self._enable,
                f"systemctl start {SERVICE}": self._start,
                f"systemctl restart {SERVICE}": self._start,
                # From the manual of apt-cache and NVIDIA's repository.
                "apt-cache madison": f" {PACKAGE} | 580.95.05-0ubuntu0.24.04.2 | http://a noble\n"
                f" {PACKAGE} | {DRIVER}-0ubuntu0.24.04.1 | http://a noble-updates/multiverse\n",
                "nvidia-smi -q": states("Completed", "Success"),
            }
        )

    def _version(self, _: list[str]) -> str | CommandResult:
        version = self._packages.installed.get(PACKAGE, self.version).partition("-")[0]
        if not version:
            return CommandResult(127, "", "nv-fabricmanager: not found")
        return f"\n\n\tFabric Manager version is : {version}\n\n"

    def _unit_file_state(self, _: list[str]) -> str:
        return f"UnitFileState={'enabled' if self.is_enabled else 'disabled'}\n"

    def _enable(self, _: list[str]) -> str:
        self.is_enabled = True
        return ""

    def _start(self, _: list[str]) -> str:
        self.state = self.state_after_start
        return ""


def states(state: str, status: str) -> str:
    """Return the section of `nvidia-smi -q` (Fabric Manager User Guide, "Bare Metal Mode")."""
    return (
        "GPU 00000000:07:00.0\n    Product Name                          : NVIDIA H100 80GB HBM3\n"
        f"    Fabric\n        State                             : {state}\n"
        f"        Status                            : {status}\n"
        "    Performance State                     : P0\n"
    )


@pytest.fixture
def manager(machine: FakeMachine, packages: FakeApt) -> ScriptedManager:
    """Return a fabric manager that works."""
    machine.answers["uname -r"] = "6.8.0-31-generic\n"
    return ScriptedManager(machine, packages)


def reconcile(
    machine: FakeMachine, fabric: Fabric = SWITCHES, may_change: bool = True
) -> CharmError | None:
    """Reconcile the fabric manager; return what keeps CUDA from working."""
    error = FabricManager(machine, Apt(machine), may_change).reconcile(fabric, DRIVER)
    assert error is None or len(str(error)) <= STATUS_LIMIT, str(error)
    return error


def changes(machine: FakeMachine) -> list[str]:
    """Return the commands that change the machine."""
    texts = [" ".join(command) for command in machine.commands]
    asking = ("systemctl show", "apt-cache", "dpkg-query", "nvidia-smi", "nv-fabric", "uname")
    return [text for text in texts if not text.startswith(asking)]


def add_device(machine: FakeMachine, address: str, vpd: bytes = b"", **files: str) -> None:
    """Add a PCI device."""
    directory = f"/sys/bus/pci/devices/{address}"
    for name, text in files.items():
        machine.write(f"{directory}/{name}", text + "\n")
    Path(machine.path(f"{directory}/vpd")).write_bytes(vpd)


def test_switches_are_found(machine: FakeMachine) -> None:
    """Up to the third generation they are bridges of NVIDIA: 1ac2, 1af1, 22a3 in pci.ids."""
    assert not find_fabric(machine).exists
    add_device(machine, "0000:0b:00.0", vendor="0x10de", device="0x2330", **{"class": "0x030200"})
    add_device(machine, "0000:01:00.0", vendor="0x8086", device="0x22a3", **{"class": "0x068000"})
    assert not find_fabric(machine).exists
    for number in range(4):
        address = f"0000:8{number}:00.0"
        add_device(machine, address, vendor="0x10de", device="0x22a3", **{"class": "0x068000"})

    assert find_fabric(machine) == Fabric(4, 0)
    # This one belongs to the virtual machine that manages the fabric.
    machine.write("/sys/bus/pci/drivers/vfio-pci/bind", "")
    driver = Path(machine.path("/sys/bus/pci/devices/0000:80:00.0/driver"))
    driver.symlink_to(machine.path("/sys/bus/pci/drivers/vfio-pci"))
    assert find_fabric(machine) == Fabric(3, 0)


def test_switches_of_the_fourth_generation_are_found_by_their_bridges(
    machine: FakeMachine,
) -> None:
    """Ordinary ConnectX-7 adapters have the same device id, but other vital product data."""
    adapter = {"vendor": "0x15b3", "device": "0x1021", "class": "0x020700"}
    add_device(machine, "0000:c5:00.0", b"\x82\x10\x00ConnectX-7\x00\xff", **adapter)
    assert not find_fabric(machine).exists
    add_device(machine, "0000:c6:00.0", b"\x90\x20\x00V3\x08SMDL=SW_MNG\xff\x78", **adapter)

    assert find_fabric(machine) == Fabric(0, 1)


@pytest.mark.usefixtures("manager")
def test_machine_without_switches_needs_none(machine: FakeMachine) -> None:
    assert reconcile(machine, Fabric(0, 0)) is None
    assert machine.commands == []


@pytest.mark.usefixtures("manager")
def test_fabric_manager_that_works_is_left_alone(machine: FakeMachine) -> None:
    assert reconcile(machine) is None
    assert changes(machine) == []


def test_missing_fabric_manager_is_installed_in_the_drivers_version(
    machine: FakeMachine, packages: FakeApt, manager: ScriptedManager
) -> None:
    """It refuses to work with any other version of the driver, also of the same branch."""
    manager.version, manager.state = "", ""

    assert reconcile(machine) is None
    assert packages.installed == {PACKAGE: f"{DRIVER}-0ubuntu0.24.04.1"}
    assert manager.state == "active"


def test_version_of_the_charms_package_follows_the_driver(
    machine: FakeMachine, packages: FakeApt, manager: ScriptedManager
) -> None:
    """An unattended upgrade changed the fabric manager alone. The daemon is restarted."""
    Apt(machine).install([(PACKAGE, "580.95.05-1")])
    manager.state = "failed"

    assert reconcile(machine) is None
    assert packages.installed[PACKAGE].startswith(DRIVER)
    assert f"systemctl restart {SERVICE}" in changes(machine)


@pytest.mark.parametrize("may_change", [True, False])
def test_foreign_package_in_another_version_blocks(
    machine: FakeMachine, packages: FakeApt, manager: ScriptedManager, may_change: bool
) -> None:
    """The administrator installed it, or driver=host lets the charm change nothing."""
    packages.installed[PACKAGE] = "580.95.05-1"
    error = reconcile(machine, may_change=may_change)

    assert isinstance(error, BlockedError)
    fix = f"install {PACKAGE} {DRIVER}"
    assert str(error) == f"fabric manager 580.95.05 does not fit driver {DRIVER}: {fix}"
    assert changes(machine) == []


@pytest.mark.parametrize("output", ["", f"{PACKAGE} | 580.95.05-1 | http://a noble\n", "x\n"])
def test_apt_sources_without_the_version_block(
    machine: FakeMachine, manager: ScriptedManager, output: str
) -> None:
    manager.version, machine.answers["apt-cache madison"] = "", output
    error = reconcile(machine)

    assert isinstance(error, BlockedError)
    fix = f"install {PACKAGE} {DRIVER}"
    assert str(error) == f"NVSwitches need NVIDIA's fabric manager: {fix}"


def test_newer_branches_of_nvidias_repository_have_no_number_in_the_name(
    machine: FakeMachine, packages: FakeApt, manager: ScriptedManager
) -> None:
    manager.version = ""
    machine.answers["apt-cache madison"] = (
        f"nvidia-fabricmanager | {DRIVER}-1 | https://a  Packages\n"
    )
    reconcile(machine)

    assert packages.installed == {"nvidia-fabricmanager": f"{DRIVER}-1"}


@pytest.mark.parametrize("state", ["inactive", "failed"])
def test_stopped_service_is_started_and_enabled(
    machine: FakeMachine, manager: ScriptedManager, state: str
) -> None:
    manager.state, manager.is_enabled = state, False

    assert reconcile(machine) is None
    assert (manager.state, manager.is_enabled) == ("active", True)


@pytest.mark.parametrize(
    ("state", "kind", "message"),
    [
        ("failed", BlockedError,
         f"the fabric manager does not run: systemctl status {SERVICE} says why"),
        ("activating", WaitingError, "the fabric manager is starting"),
    ],
)  # fmt: skip
def test_service_that_does_not_start_is_named(
    machine: FakeMachine,
    manager: ScriptedManager,
    state: str,
    kind: type[CharmError],
    message: str,
) -> None:
    manager.state, manager.state_after_start = "failed", state
    error = reconcile(machine)

    assert type(error) is kind
    assert str(error) == message


def test_service_of_the_host_is_not_started(
    machine: FakeMachine, manager: ScriptedManager
) -> None:
    manager.state = "inactive"

    assert isinstance(reconcile(machine, may_change=False), BlockedError)
    assert changes(machine) == []


@pytest.mark.parametrize(
    ("state", "status", "kind", "message"),
    [
        ("Completed", "Success", None, ""),
        ("N/A", "N/A", None, ""),
        ("In Progress", "N/A", WaitingError,
         "1 GPU not joined to the NVLink fabric yet; if this lasts, see"
         " /var/log/fabricmanager.log"),
        ("Completed", "Insufficient Resources", BlockedError,
         "1 GPU failed to join the NVLink fabric: look into /var/log/fabricmanager.log, then"
         " reboot"),
    ],
)  # fmt: skip
@pytest.mark.usefixtures("manager")
def test_gpus_must_have_joined_the_fabric(
    machine: FakeMachine, state: str, status: str, kind: type[CharmError] | None, message: str
) -> None:
    """Until then CUDA fails with error 802, while nvidia-smi lists every GPU."""
    machine.answers["nvidia-smi -q"] = states(state, status)
    error = reconcile(machine)

    assert (type(error) if error else None, str(error or "")) == (kind, message)


@pytest.mark.usefixtures("manager")
def test_failing_query_is_awaited(machine: FakeMachine) -> None:
    machine.answers["nvidia-smi -q"] = CommandResult(255, "", "Unknown Error\n")
    error = reconcile(machine)

    assert isinstance(error, WaitingError)
    assert str(error) == "fabric manager: nvidia-smi ended with 255: Unknown Error"


def load_umad(machine: FakeMachine) -> None:
    """Make modprobe load the module ib_umad."""

    def load(_: list[str]) -> str:
        machine.write("/sys/module/ib_umad/refcnt", "0\n")
        return ""

    machine.answers["modprobe ib_umad"] = load


@pytest.mark.usefixtures("manager")
def test_fourth_generation_gets_its_subnet_manager_and_modules(
    machine: FakeMachine, packages: FakeApt
) -> None:
    """NVIDIA's start script refuses to start the fabric manager without either."""
    load_umad(machine)
    machine.write(SUBNET_MANAGER, "")

    assert reconcile(machine, BRIDGES) is None
    assert machine.ran("modprobe") == ["modprobe mlx5_ib", "modprobe ib_umad"]
    assert (machine.read(MODULES_FILE) or "").splitlines()[1:] == ["mlx5_ib", "ib_umad"]
    machine.commands.clear()
    assert reconcile(machine, BRIDGES) is None
    assert changes(machine) == []
    assert packages.installed == {}


@pytest.mark.parametrize("is_available", [True, False])
@pytest.mark.usefixtures("manager")
def test_missing_subnet_manager_is_installed_or_named(
    machine: FakeMachine, packages: FakeApt, is_available: bool
) -> None:
    """Only NVIDIA's own repository has it."""
    if not is_available:
        machine.answers["apt-cache show nvlsm"] = CommandResult(100, "", "E: No packages found")
    error = reconcile(machine, BRIDGES)

    message = "the NVLink subnet manager is missing: install nvlsm from NVIDIA's CUDA repository"
    assert str(error) == message
    assert ("nvlsm" in packages.installed) is is_available


@pytest.mark.usefixtures("manager")
def test_kernel_without_the_module_is_named(machine: FakeMachine) -> None:
    machine.write(SUBNET_MANAGER, "")

    package = "linux-modules-extra-6.8.0-31-generic"
    error = reconcile(machine, BRIDGES)
    assert str(error) == f"module ib_umad is missing: install {package} and load it"


@pytest.mark.usefixtures("manager")
def test_modules_of_the_host_are_not_loaded(machine: FakeMachine) -> None:
    machine.write(SUBNET_MANAGER, "")

    assert isinstance(reconcile(machine, BRIDGES, may_change=False), BlockedError)
    assert changes(machine) == []
    assert not machine.exists(MODULES_FILE)
