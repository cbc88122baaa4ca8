"""Verbs of `python -m mlip_nb` that make no sense in a notebook, one file each."""
