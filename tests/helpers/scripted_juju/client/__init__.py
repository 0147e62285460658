"""The program itself: what runs as `juju` in a test.

It imports only the standard library, and as little of it as possible, because tests start it many
times. `main` is the entry; `store` keeps the state; `commands` has one module for each subject.
"""
