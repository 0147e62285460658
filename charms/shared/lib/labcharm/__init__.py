"""What the charms of this suite share and that does not concern Kubernetes.

The modules run on Python 3.6 and later. `compat` is the only one that imports ops or knows Juju;
all others are plain Python over a machine and its files, so that workload code and programs that
run outside of a hook can use them. The package labkube builds on this one; this one imports no
other package of the suite.
"""
