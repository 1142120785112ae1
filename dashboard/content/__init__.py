"""The video itself: which bytes, from where, and how they reach a browser."""
