"""Ask the same questions of several assistants and say, with evidence, which one to run."""
