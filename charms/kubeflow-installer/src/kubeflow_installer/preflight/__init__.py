"""The preflight checks: what a release requires of the cluster, the host and the manifests."""
