"""What keeps the runtime registered: run by the charm, and by systemd before each start.

Python 3.6, standard library and `labcharm.machine` only: it runs with the system's python3.
"""
