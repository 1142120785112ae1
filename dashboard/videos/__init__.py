"""Our copies of videos: the files and the access to them."""
