"""The files that a release is installed from, and reading or building its manifests."""
