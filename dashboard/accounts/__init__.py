"""Who may sign in: members, and the invitations that make them."""
