"""The live stream: what changed becomes a row, a frame, and bytes to every browser that may see it."""
