"""The dynamics over arrays: many episodes at once in NumPy, or one under JAX's transformations.

One implementation serves both: arrays carry any leading axes [...], and `xp` is the namespace.
`mixenv.vector` and `mixenv.functional` are its two callers; `mixenv.dynamics` is the reference.
"""
