"""The workload of the charm nfs-server: an NFS server, and a StorageClass on a cluster."""
