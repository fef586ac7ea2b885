"""Measuring a model on held-back examples by itself, and judging what was measured."""
