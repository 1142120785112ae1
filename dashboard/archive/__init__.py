"""Our own copy of each finished video, so that it outlives the gateway's."""
