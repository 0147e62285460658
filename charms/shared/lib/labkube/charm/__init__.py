"""What a charm needs beyond objects: its relations, its actions' results, its release table.

The highest layer of labkube. It works with the charm objects of ops 1.5 to 3, and does not import
ops.
"""
