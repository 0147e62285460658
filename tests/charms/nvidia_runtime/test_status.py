"""The status of a GPU machine's unit."""

from __future__ import annotations

import pytest

from labcharm.errors import BlockedError, WaitingError
from labcharm.text import STATUS_LIMIT, shorten
from labcharm.validators import OptionsError
from nvidia_runtime.host.driver import Driver
from nvidia_runtime.host.gpus import Gpu
from nvidia_runtime.host.versions import Versions
from nvidia_runtime.options import read_options
from nvidia_runtime.status import MORE, active_message, combine, idle_message

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


def test_driver_that_is_not_checked_is_named() -> None:
    """The unit is active without having seen a GPU that answers."""
    options = read_options({"driver": "none", "default-runtime": False})
    message = active_message([PLAIN], Driver(Versions("", "")), "docker", options)

    assert message == "1 GPU, driver not checked, nvidia is a runtime of docker"


def test_text_that_does_not_fit_keeps_its_beginning() -> None:
    """The cause is there, also in the last line of another program; verify reports the rest."""
    problem = "driver: apt-get ended with 100: E: " + "word " * 30
    shown = shorten(problem, more=MORE, drops_middle=False)

    assert shown == "driver: apt-get ended with 100: E: " + "word " * 10 + "word... (run verify)"


def test_first_of_several_bad_options_is_named() -> None:
    with pytest.raises(OptionsError) as raised:
        read_options({"driver": "?", "toolkit": "shop", "pins": "x"})
    shown = shorten(str(raised.value), more=MORE, drops_middle=False)

    assert shown.startswith("driver is '?'; use auto, host")
    assert shown.endswith("... (run verify)")
    assert len(shown) <= STATUS_LIMIT


def test_idle_machine_says_why() -> None:
    """There is no GPU, or it is used by virtual machines."""
    assert idle_message([]) == "no GPU on this machine"
    assert idle_message([PASSTHROUGH]) == "1 GPU left alone: passthrough"
