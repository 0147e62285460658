"""MetalLB on a Kubernetes cluster: its releases, its configuration and its objects."""
