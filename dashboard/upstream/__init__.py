"""All communication with the gateway. Its formats are not used outside of this package."""
