// MetalLB's end-to-end tests alone need it; its controller does not.
module k8s.io/kubernetes

go 1.15
