"""Exact answers beside which the sequence model is held: nothing here is learned or fitted."""
