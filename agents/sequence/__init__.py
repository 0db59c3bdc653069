"""The sequence-model agent: its network, pretraining, generation and decisions."""
