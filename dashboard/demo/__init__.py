"""The demo gateway: the upstream API and its dialects, films and faults, for the demo and the tests."""
