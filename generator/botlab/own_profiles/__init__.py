"""Profiles that are not of this project: a directory with one directory per profile.

``format`` and ``offline_format`` have the models of the files, with the texts of ``text_formats``.
``layout`` finds the files, ``files`` reads one file with its findings, ``reader`` reads the
profiles, ``consistency``, ``offline_consistency`` and ``template_names`` compare the files of a
profile, ``check`` renders them with the sample sites of ``samples``, and ``reference``
documents the format.
"""
