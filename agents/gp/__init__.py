"""Exact Gaussian processes over (mixture, scale, steps), in JAX and float64.

Data are padded to a few sizes, so each size compiles once; masking makes the padded results
equal to the unpadded ones. Nothing here changes JAX's global configuration.
"""
