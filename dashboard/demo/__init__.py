"""The demo gateway: the upstream API and its dialects, videos and faults, for the demo and the tests."""
