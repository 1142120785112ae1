"""What tests share: people, servers, processes, engines."""
