"""A database backend: Django's for PostgreSQL, with a fair queue in front of its pool of connections."""
