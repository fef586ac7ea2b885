"""Immutable versions of adapters: their base, lineage, aliases, merge and export."""
