"""Our own copy of each finished film, so that it outlives the gateway's."""
