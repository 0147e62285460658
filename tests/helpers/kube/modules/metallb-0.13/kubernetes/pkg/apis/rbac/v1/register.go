// Package v1 hands on to k8s.io/api, whose kinds are all that the controller registers.
package v1

import api "k8s.io/api/rbac/v1"

// AddToScheme registers the kinds.
var AddToScheme = api.AddToScheme
