"""The demo gateway: the upstream API, its dialects and videos, for the demo and the tests."""
