"""A mutation run: change one place of the code at a time, and count what the tests detect.

    python -m mutation --area plan --seed 1 --count 40

`operators` finds the possible changes of a module, `areas` lists the parts of the repository and
their tests, `calls` records which test calls which function, `selection` orders the tests of one
change, `trees` runs them in a copy of the repository, and `report` counts. mutmut and cosmic-ray
do not fit this repository: see tests/mutation/README.md.
"""
