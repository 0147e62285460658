// Package v1beta1 hands on to k8s.io/api, whose kinds are all that the controller registers.
package v1beta1

import api "k8s.io/api/policy/v1beta1"

// AddToScheme registers the kinds.
var AddToScheme = api.AddToScheme
