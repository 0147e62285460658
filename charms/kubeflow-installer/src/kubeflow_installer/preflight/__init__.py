"""The preflight checks: what the cluster, the host and the manifests must fulfil beforehand."""
