"""The index in PostgreSQL: vectors by pgvector, full-text search by PostgreSQL itself."""
