"""Supervised fine-tuning: adapters, their merge, and what they were trained on."""
