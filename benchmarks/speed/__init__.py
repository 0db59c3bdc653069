"""Speeds, as ratios to something measured beside: `mixenv speed`."""
