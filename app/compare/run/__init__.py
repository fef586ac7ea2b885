"""During a comparison: ask every arm, and measure what is no answer."""
