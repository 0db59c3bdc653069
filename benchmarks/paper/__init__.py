"""The paper's experiments again: its problems, its kernels, its predictors (`mixenv paper`)."""
