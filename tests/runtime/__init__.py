"""What starts, watches and ends a process's jobs."""
