"""Profiles that are not of this project: a directory with one directory per profile.

``format`` has the models of the files, ``layout`` finds the files, ``files`` reads one file with
its findings, ``reader`` reads the profiles, ``consistency`` compares the files of a profile,
``check`` renders them with the sample sites of ``samples``, and ``reference`` documents the
format.
"""
