"""A network of its own, with no way out of it."""

from __future__ import annotations

import ctypes
import fcntl
import os
import socket
import struct
import threading
from collections.abc import Callable

import pytest

_NEWNET = 0x40000000  # <linux/sched.h>
_SET_FLAGS, _UP = 0x8914, 1  # <linux/sockios.h>, <linux/if.h>


def in_a_network_of_its_own(work: Callable[[], None]) -> None:
    """Run something in a thread that sees loopback alone; so do the programs that it starts."""
    if os.geteuid() != 0:
        pytest.skip("needs root for a network of its own")
    caught: list[BaseException] = []

    def inside() -> None:
        try:
            libc = ctypes.CDLL(None, use_errno=True)
            assert libc.unshare(_NEWNET) == 0, os.strerror(ctypes.get_errno())
            with socket.socket() as any_socket:
                request = struct.pack("16sh14x", b"lo", _UP)
                fcntl.ioctl(any_socket, _SET_FLAGS, request)
            work()
        except BaseException as error:  # pytest's own are none of Exception
            caught.append(error)

    thread = threading.Thread(target=inside)
    thread.start()
    thread.join()
    if caught:
        raise caught[0]
