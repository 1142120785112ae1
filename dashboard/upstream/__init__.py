"""The gateway's side of the house: everything that speaks its language stays in this package."""
