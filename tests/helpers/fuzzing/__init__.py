"""A coverage-guided fuzzer of the generator, in plain Python.

It needs neither a compiler nor a compiled wheel, and therefore runs on each Python and processor
that the generator supports. Atheris 3.1 has wheels only for Python 3.12 to 3.14 on x86-64, and
mutates bytes, of which YAML's and JSON's parsers refuse nearly all.

``inputs`` has the input of a target and the corpus, ``targets`` the parts of the generator under
test, ``coverage`` the feedback, ``mutator`` with ``text_changes``, ``tree_changes`` and ``words``
the changes, ``guard`` the limits of a run, ``fuzzer`` the loop, and ``reduction`` makes inputs and
corpora small. ``python -m helpers.fuzzing`` fuzzes some targets side by side.
"""
