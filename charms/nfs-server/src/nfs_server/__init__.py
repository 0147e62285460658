"""The workload of the charm nfs-server."""
