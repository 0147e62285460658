"""The script that the `juju` file of a test starts: `run_client.py DIRECTORY ARGUMENT...`.

It stands beside the package `client`, so that Python finds the package without site packages.
"""

from __future__ import annotations

import signal
import sys

from client.main import main  # pyright: ignore[reportMissingImports]

if __name__ == "__main__":
    # The real client dies by Ctrl-C without a trace. Only a process of its own can be set so.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    sys.exit(main(sys.argv[1], sys.argv[2:]))
