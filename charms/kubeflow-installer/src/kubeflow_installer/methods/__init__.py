"""The two methods by which a release's objects are produced, behind one function.

kfctl makes them itself, against a recording proxy, and takes minutes (`methods.kfctl`); manifests
are built (`methods.manifests`). Either way this charm then applies the objects, keeps them in
their desired state, and prunes and removes them.
"""
