"""What live objects say: whether they are ready and why not, their events and quantities.

The second layer of labkube; it imports `client`. Only `trials` changes something on a cluster: it
deletes what an action created for a trial.
"""
