// The configuration of containerd 2.3, the first release with version 4 of the file.
module botlab.invalid/tests/kube/containerd-config

go 1.26.8

require (
	github.com/containerd/containerd/v2 v2.3.7
	github.com/pelletier/go-toml/v2 v2.3.0
)

require (
	dario.cat/mergo v1.0.2 // indirect
	github.com/containerd/errdefs v1.0.0 // indirect
	github.com/containerd/log v0.1.0 // indirect
	github.com/containerd/plugin v1.1.0 // indirect
	github.com/opencontainers/go-digest v1.0.0 // indirect
	github.com/opencontainers/image-spec v1.1.1 // indirect
	github.com/sirupsen/logrus v1.9.4 // indirect
	golang.org/x/sys v0.47.0 // indirect
)
