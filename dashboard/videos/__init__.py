"""Our copies of videos: the files and the way to them."""
