# botlab 0.1.0; input 780916f981fac310; text 07ff6ac08157fff3
# Made from the site file: change that, not this.
terraform {
  required_providers {
    juju = {
      source  = "juju/juju"
      version = "~> 2.2"
    }
  }
}

provider "juju" {}

# Model

resource "juju_model" "lab" {
  name = "modern-store"
}

# Machines and containers

resource "juju_machine" "control0" {
  model_uuid  = juju_model.lab.uuid
  base        = "ubuntu@24.04"
  constraints = "tags=control0"
}

resource "juju_machine" "control1" {
  model_uuid  = juju_model.lab.uuid
  base        = "ubuntu@24.04"
  constraints = "tags=control1"
}

resource "juju_machine" "control2" {
  model_uuid  = juju_model.lab.uuid
  base        = "ubuntu@24.04"
  constraints = "tags=control2"
}

resource "juju_machine" "worker0" {
  model_uuid  = juju_model.lab.uuid
  base        = "ubuntu@24.04"
  constraints = "tags=worker0"
}

resource "juju_machine" "gpu0" {
  model_uuid  = juju_model.lab.uuid
  base        = "ubuntu@24.04"
  constraints = "tags=gpu0"
}

resource "juju_machine" "control0_lxd_kubeflow-installer" {
  model_uuid = juju_model.lab.uuid
  base       = "ubuntu@24.04"
  placement  = "lxd:${juju_machine.control0.machine_id}"
}

resource "juju_machine" "control0_lxd_metallb" {
  model_uuid = juju_model.lab.uuid
  base       = "ubuntu@24.04"
  placement  = "lxd:${juju_machine.control0.machine_id}"
}

# Applications

resource "juju_application" "easyrsa" {
  model_uuid = juju_model.lab.uuid
  name       = "easyrsa"
  machines   = [juju_machine.control0.machine_id]

  charm {
    name    = "easyrsa"
    channel = "1.35/stable"
    base    = "ubuntu@24.04"
  }
}

resource "juju_application" "etcd" {
  model_uuid = juju_model.lab.uuid
  name       = "etcd"

  machines = [
    juju_machine.control0.machine_id,
    juju_machine.control1.machine_id,
    juju_machine.control2.machine_id,
  ]

  charm {
    name    = "etcd"
    channel = "1.35/stable"
    base    = "ubuntu@24.04"
  }

  config = {
    channel = "3.4/stable"
  }

  endpoint_bindings = [
    {
      space = "lan"
    },
    {
      endpoint = "db"
      space    = "cluster"
    },
  ]
}

resource "juju_application" "calico" {
  model_uuid = juju_model.lab.uuid
  name       = "calico"

  charm {
    name    = "calico"
    channel = "1.35/stable"
    base    = "ubuntu@24.04"
  }

  config = {
    cidr           = "10.1.0.0/16"
    vxlan          = "Always"
    image-registry = "ghcr.io/canonical/cdk"
  }
}

resource "juju_application" "containerd" {
  model_uuid = juju_model.lab.uuid
  name       = "containerd"

  charm {
    name    = "containerd"
    channel = "1.35/stable"
    base    = "ubuntu@24.04"
  }

  config = {
    gpu_driver = "none"
  }
}

resource "juju_application" "kubeapi-load-balancer" {
  model_uuid = juju_model.lab.uuid
  name       = "kubeapi-load-balancer"
  machines   = [juju_machine.control2.machine_id]

  charm {
    name    = "kubeapi-load-balancer"
    channel = "1.35/stable"
    base    = "ubuntu@24.04"
  }

  expose {}
}

resource "juju_application" "kubernetes-control-plane" {
  model_uuid = juju_model.lab.uuid
  name       = "kubernetes-control-plane"

  machines = [
    juju_machine.control0.machine_id,
    juju_machine.control1.machine_id,
  ]

  charm {
    name    = "kubernetes-control-plane"
    channel = "1.35/stable"
    base    = "ubuntu@24.04"
  }

  config = {
    channel            = "1.35/stable"
    allow-privileged   = "true"
    authorization-mode = "RBAC,Node"
    service-cidr       = "10.152.183.0/24"
    dns_domain         = "cluster.local"
    image-registry     = "ghcr.io/canonical/cdk"
  }
}

resource "juju_application" "kubernetes-worker" {
  model_uuid = juju_model.lab.uuid
  name       = "kubernetes-worker"

  machines = [
    juju_machine.worker0.machine_id,
    juju_machine.gpu0.machine_id,
  ]

  charm {
    name    = "kubernetes-worker"
    channel = "1.35/stable"
    base    = "ubuntu@24.04"
  }

  config = {
    channel = "1.35/stable"
    ingress = "false"
    sysctl  = "{\"net.ipv4.conf.all.forwarding\": 1, \"net.ipv4.conf.all.rp_filter\": 1, \"net.ipv4.neigh.default.gc_thresh1\": 128, \"net.ipv4.neigh.default.gc_thresh2\": 28672, \"net.ipv4.neigh.default.gc_thresh3\": 32768, \"net.ipv6.neigh.default.gc_thresh1\": 128, \"net.ipv6.neigh.default.gc_thresh2\": 28672, \"net.ipv6.neigh.default.gc_thresh3\": 32768, \"fs.inotify.max_user_instances\": 8192, \"fs.inotify.max_user_watches\": 1255360, \"kernel.panic\": 10, \"kernel.panic_on_oops\": 1, \"vm.overcommit_memory\": 1}"
  }

  expose {}
}

resource "juju_application" "filesystem-client" {
  model_uuid = juju_model.lab.uuid
  name       = "filesystem-client"

  charm {
    name    = "filesystem-client"
    channel = "latest/edge"
    base    = "ubuntu@24.04"
  }

  config = {
    mountpoint = "/nfs"
  }
}

resource "juju_application" "nvidia-runtime" {
  model_uuid = juju_model.lab.uuid
  name       = "nvidia-runtime"

  charm {
    name    = "mylab-nvidia-runtime"
    channel = "latest/stable"
    base    = "ubuntu@24.04"
  }

  config = {
    driver          = "auto"
    default-runtime = "true"
  }
}

resource "juju_application" "nfs-server" {
  model_uuid = juju_model.lab.uuid
  name       = "nfs-server"
  machines   = [juju_machine.control2.machine_id]

  charm {
    name    = "mylab-nfs-server"
    channel = "latest/stable"
    base    = "ubuntu@24.04"
  }

  config = {
    export-root   = "/nfsroot"
    networks      = "10.30.0.0/24"
    storage-class = "nfs"
    default-class = "true"
  }

  storage_directives = {
    export = "loop,200G"
  }
}

resource "juju_application" "metallb" {
  model_uuid = juju_model.lab.uuid
  name       = "metallb"
  machines   = [juju_machine.control0_lxd_metallb.machine_id]

  charm {
    name    = "mylab-metallb"
    channel = "latest/stable"
    base    = "ubuntu@24.04"
  }

  config = {
    pools             = <<EOT
address-pools:
- name: default
  protocol: layer2
  addresses:
  - 10.30.0.200-10.30.0.220
- name: dashboards
  protocol: layer2
  addresses:
  - 10.30.0.230-10.30.0.239
  auto-assign: false
EOT
    reserved-networks = "10.1.0.0/16 10.152.183.0/24"
  }
}

resource "juju_application" "kubeflow-installer" {
  model_uuid = juju_model.lab.uuid
  name       = "kubeflow-installer"
  machines   = [juju_machine.control0_lxd_kubeflow-installer.machine_id]

  charm {
    name    = "mylab-kubeflow-installer"
    channel = "latest/stable"
    base    = "ubuntu@24.04"
  }

  config = {
    version  = "26.03"
    user     = "admin@kubeflow.org"
    hostname = "kubeflow.lab.example"
  }

  resources = {
    manifests = "1"
  }
}

# Integrations

resource "juju_integration" "kubernetes-control-plane_loadbalancer-external__kubeapi-load-balancer_lb-consumers" {
  model_uuid = juju_model.lab.uuid

  application {
    name     = juju_application.kubernetes-control-plane.name
    endpoint = "loadbalancer-external"
  }

  application {
    name     = juju_application.kubeapi-load-balancer.name
    endpoint = "lb-consumers"
  }
}

resource "juju_integration" "kubernetes-control-plane_loadbalancer-internal__kubeapi-load-balancer_lb-consumers" {
  model_uuid = juju_model.lab.uuid

  application {
    name     = juju_application.kubernetes-control-plane.name
    endpoint = "loadbalancer-internal"
  }

  application {
    name     = juju_application.kubeapi-load-balancer.name
    endpoint = "lb-consumers"
  }
}

resource "juju_integration" "kubernetes-control-plane_kube-control__kubernetes-worker_kube-control" {
  model_uuid = juju_model.lab.uuid

  application {
    name     = juju_application.kubernetes-control-plane.name
    endpoint = "kube-control"
  }

  application {
    name     = juju_application.kubernetes-worker.name
    endpoint = "kube-control"
  }
}

resource "juju_integration" "kubernetes-control-plane_certificates__easyrsa_client" {
  model_uuid = juju_model.lab.uuid

  application {
    name     = juju_application.kubernetes-control-plane.name
    endpoint = "certificates"
  }

  application {
    name     = juju_application.easyrsa.name
    endpoint = "client"
  }
}

resource "juju_integration" "etcd_certificates__easyrsa_client" {
  model_uuid = juju_model.lab.uuid

  application {
    name     = juju_application.etcd.name
    endpoint = "certificates"
  }

  application {
    name     = juju_application.easyrsa.name
    endpoint = "client"
  }
}

resource "juju_integration" "kubernetes-control-plane_etcd__etcd_db" {
  model_uuid = juju_model.lab.uuid

  application {
    name     = juju_application.kubernetes-control-plane.name
    endpoint = "etcd"
  }

  application {
    name     = juju_application.etcd.name
    endpoint = "db"
  }
}

resource "juju_integration" "kubernetes-worker_certificates__easyrsa_client" {
  model_uuid = juju_model.lab.uuid

  application {
    name     = juju_application.kubernetes-worker.name
    endpoint = "certificates"
  }

  application {
    name     = juju_application.easyrsa.name
    endpoint = "client"
  }
}

resource "juju_integration" "kubeapi-load-balancer_certificates__easyrsa_client" {
  model_uuid = juju_model.lab.uuid

  application {
    name     = juju_application.kubeapi-load-balancer.name
    endpoint = "certificates"
  }

  application {
    name     = juju_application.easyrsa.name
    endpoint = "client"
  }
}

resource "juju_integration" "calico_etcd__etcd_db" {
  model_uuid = juju_model.lab.uuid

  application {
    name     = juju_application.calico.name
    endpoint = "etcd"
  }

  application {
    name     = juju_application.etcd.name
    endpoint = "db"
  }
}

resource "juju_integration" "calico_cni__kubernetes-control-plane_cni" {
  model_uuid = juju_model.lab.uuid

  application {
    name     = juju_application.calico.name
    endpoint = "cni"
  }

  application {
    name     = juju_application.kubernetes-control-plane.name
    endpoint = "cni"
  }
}

resource "juju_integration" "calico_cni__kubernetes-worker_cni" {
  model_uuid = juju_model.lab.uuid

  application {
    name     = juju_application.calico.name
    endpoint = "cni"
  }

  application {
    name     = juju_application.kubernetes-worker.name
    endpoint = "cni"
  }
}

resource "juju_integration" "containerd_containerd__kubernetes-worker_container-runtime" {
  model_uuid = juju_model.lab.uuid

  application {
    name     = juju_application.containerd.name
    endpoint = "containerd"
  }

  application {
    name     = juju_application.kubernetes-worker.name
    endpoint = "container-runtime"
  }
}

resource "juju_integration" "containerd_containerd__kubernetes-control-plane_container-runtime" {
  model_uuid = juju_model.lab.uuid

  application {
    name     = juju_application.containerd.name
    endpoint = "containerd"
  }

  application {
    name     = juju_application.kubernetes-control-plane.name
    endpoint = "container-runtime"
  }
}

resource "juju_integration" "filesystem-client_juju-info__kubernetes-worker_juju-info" {
  model_uuid = juju_model.lab.uuid

  application {
    name     = juju_application.filesystem-client.name
    endpoint = "juju-info"
  }

  application {
    name     = juju_application.kubernetes-worker.name
    endpoint = "juju-info"
  }
}

resource "juju_integration" "filesystem-client_filesystem__nfs-server_filesystem" {
  model_uuid = juju_model.lab.uuid

  application {
    name     = juju_application.filesystem-client.name
    endpoint = "filesystem"
  }

  application {
    name     = juju_application.nfs-server.name
    endpoint = "filesystem"
  }
}

resource "juju_integration" "nvidia-runtime_juju-info__kubernetes-worker_juju-info" {
  model_uuid = juju_model.lab.uuid

  application {
    name     = juju_application.nvidia-runtime.name
    endpoint = "juju-info"
  }

  application {
    name     = juju_application.kubernetes-worker.name
    endpoint = "juju-info"
  }
}

resource "juju_integration" "nvidia-runtime_kube-control__kubernetes-control-plane_kube-control" {
  model_uuid = juju_model.lab.uuid

  application {
    name     = juju_application.nvidia-runtime.name
    endpoint = "kube-control"
  }

  application {
    name     = juju_application.kubernetes-control-plane.name
    endpoint = "kube-control"
  }
}

resource "juju_integration" "nvidia-runtime_certificates__easyrsa_client" {
  model_uuid = juju_model.lab.uuid

  application {
    name     = juju_application.nvidia-runtime.name
    endpoint = "certificates"
  }

  application {
    name     = juju_application.easyrsa.name
    endpoint = "client"
  }
}

resource "juju_integration" "nfs-server_kube-control__kubernetes-control-plane_kube-control" {
  model_uuid = juju_model.lab.uuid

  application {
    name     = juju_application.nfs-server.name
    endpoint = "kube-control"
  }

  application {
    name     = juju_application.kubernetes-control-plane.name
    endpoint = "kube-control"
  }
}

resource "juju_integration" "nfs-server_certificates__easyrsa_client" {
  model_uuid = juju_model.lab.uuid

  application {
    name     = juju_application.nfs-server.name
    endpoint = "certificates"
  }

  application {
    name     = juju_application.easyrsa.name
    endpoint = "client"
  }
}

resource "juju_integration" "metallb_kube-control__kubernetes-control-plane_kube-control" {
  model_uuid = juju_model.lab.uuid

  application {
    name     = juju_application.metallb.name
    endpoint = "kube-control"
  }

  application {
    name     = juju_application.kubernetes-control-plane.name
    endpoint = "kube-control"
  }
}

resource "juju_integration" "metallb_certificates__easyrsa_client" {
  model_uuid = juju_model.lab.uuid

  application {
    name     = juju_application.metallb.name
    endpoint = "certificates"
  }

  application {
    name     = juju_application.easyrsa.name
    endpoint = "client"
  }
}

resource "juju_integration" "kubeflow-installer_kube-control__kubernetes-control-plane_kube-control" {
  model_uuid = juju_model.lab.uuid

  application {
    name     = juju_application.kubeflow-installer.name
    endpoint = "kube-control"
  }

  application {
    name     = juju_application.kubernetes-control-plane.name
    endpoint = "kube-control"
  }
}

resource "juju_integration" "kubeflow-installer_certificates__easyrsa_client" {
  model_uuid = juju_model.lab.uuid

  application {
    name     = juju_application.kubeflow-installer.name
    endpoint = "certificates"
  }

  application {
    name     = juju_application.easyrsa.name
    endpoint = "client"
  }
}
