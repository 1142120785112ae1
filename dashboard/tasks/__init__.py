"""Tasks of the gateway: what it last said of them, what we know of our knowledge, and who may see them."""
