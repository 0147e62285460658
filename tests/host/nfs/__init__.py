"""The packed charm nfs-server on a real kernel: a machine that serves, and another that mounts."""
