"""Health checks, readiness checks and metrics."""
