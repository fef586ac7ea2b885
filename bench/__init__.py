"""Groundtune beside its peers, on the same work and machine: `make bench`.

Not a part of the package. Peers run in processes of their own, take turns, and are asked for
quality as well as for time.
"""
