"""Links to one video, for members, until they expire or are revoked."""
