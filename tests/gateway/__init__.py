"""The demo gateway with faults and false data for the product's tests, which the normal demo gateway doesn't have."""
