"""The NFS server on this machine: its service, its exports and the exported directories."""
