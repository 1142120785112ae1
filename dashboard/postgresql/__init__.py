"""Django's PostgreSQL database backend with a fair queue in front of its connection pool."""
