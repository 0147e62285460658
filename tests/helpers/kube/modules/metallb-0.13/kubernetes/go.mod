// What MetalLB's controller takes of k8s.io/kubernetes: two names that hand on to k8s.io/api. The
// module itself is not to be had at the version that fits.
module k8s.io/kubernetes

go 1.18

require k8s.io/api v0.24.0
