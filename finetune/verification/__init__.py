"""A small encoder that reads lines for a claim: its shape, its training, its calibration."""
