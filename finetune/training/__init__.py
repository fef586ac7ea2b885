"""Training of LoRA adapters on encoded examples."""
