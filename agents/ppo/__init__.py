"""The agent `ppo`: a belief in closed form, a small policy, and how it is trained.

`agent` is what plays: NumPy alone. `train`, `rollout`, `losses`, `warp` and `checkpoint` need JAX
and are imported by `mixenv train-ppo` only. Importing this imports no JAX.
"""
