"""What is written about what happens: one line each, without secrets."""
