"""Tasks of the gateway: their last known status, how reliable it is, and who may see them."""
