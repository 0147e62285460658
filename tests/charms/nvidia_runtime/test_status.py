"""The status of a GPU machine's unit."""

from __future__ import annotations

from labcharm.errors import BlockedError, WaitingError
from nvidia_runtime.host.driver import Driver, Versions
from nvidia_runtime.host.gpus import Gpu
from nvidia_runtime.options import read_options
from nvidia_runtime.status import active_message, combine, idle_message

PLAIN = Gpu("0000:0b:00.0", "0x1eb8", "0x030200", "nvidia", "plain")
PASSTHROUGH = PLAIN._replace(use="passthrough")


def test_blocking_errors_decide() -> None:
    """Errors that may pass are reported once nothing blocks."""
    error = combine([WaitingError("driver: a"), None, BlockedError("b"), BlockedError("c")])

    assert isinstance(error, BlockedError)
    assert str(error) == "b; c"
    assert str(combine([None, WaitingError("a"), WaitingError("b")])) == "a; b"
    assert combine([None, None]) is None


def test_message_names_driver_runtime_and_engine() -> None:
    """GPUs that virtual machines use are not counted."""
    driver = Driver(Versions("535.1.2", "535.1.2"))
    message = active_message([PLAIN, PLAIN, PASSTHROUGH], driver, "docker", read_options({}))

    assert message == "2 GPUs, driver 535.1.2, nvidia is the default runtime of docker"


def test_needed_reboot_comes_first() -> None:
    """`juju status` truncates long messages."""
    versions = Versions("535.1.2", "535.2.1")
    driver = Driver(versions, None, versions.reboot_reason)
    message = active_message([PLAIN], driver, "docker", read_options({}))

    assert message == (
        "1 GPU, reboot needed (driver 535.1.2 is loaded, library 535.2.1 installed):"
        " run the action reboot-node"
    )


def test_idle_machine_says_why() -> None:
    """There is no GPU, or it is used by virtual machines."""
    assert idle_message([]) == "no GPU on this machine"
    assert idle_message([PASSTHROUGH]) == "1 GPU left alone: passthrough"
