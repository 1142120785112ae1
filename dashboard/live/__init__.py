"""The live stream: sends each change, as a rendered row, to every browser that may see it."""
