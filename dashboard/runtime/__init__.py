"""The processes: the server, what runs beside its requests, and how they start."""
