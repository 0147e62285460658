//go:build tools

package provisioner

import _ "github.com/kubernetes-incubator/external-storage/nfs-client/cmd/nfs-client-provisioner"
