"""Supervised fine-tuning: adapters, their merge, and what they were trained on."""

import logging

# Where it is installed, each import of PEFT makes it warn of a kernel that nothing here asks for.
logging.getLogger("bitsandbytes.backends.cpu.ops").setLevel(logging.ERROR)
