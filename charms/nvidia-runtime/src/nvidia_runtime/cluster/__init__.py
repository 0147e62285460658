"""The Kubernetes cluster: the device plugin, the labels of the nodes, and the local node."""
