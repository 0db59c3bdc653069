"""Peers: optimisers of other libraries as agents, for comparison. Installed by the extra `peers`.

Importing a module of this package imports none of the libraries; making its agent does.
"""
