"""Everything that speaks to the gateway. Its formats stay inside this package."""
