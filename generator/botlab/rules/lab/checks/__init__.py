"""The checks of the lab's rules, in one module per subject.

A new module needs no entry anywhere: importing the package ``lab`` imports all modules here.
"""
