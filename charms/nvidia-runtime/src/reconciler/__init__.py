"""The program that keeps the runtime registered: systemd runs it before each start of the engine.

The charm imports its modules too. It runs with the system's `python3`, so it needs Python 3.6, the
standard library, and the modules of `labcharm` that `nvidia_runtime.engine.program` lists.
"""
