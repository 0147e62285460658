"""The mode for a NAS: a StorageClass on the export of another NFS server."""
