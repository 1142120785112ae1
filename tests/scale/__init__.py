"""The large deployment: several servers and pollers, one PostgreSQL, one Redis, as real processes."""
