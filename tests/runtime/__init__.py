"""Starting, supervising and stopping the jobs of a process."""
