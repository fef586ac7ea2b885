"""The face and the wiring: settings, command line, ingestion, index, models, server."""
