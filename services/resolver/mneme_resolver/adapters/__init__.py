"""What the resolver reaches the world with, besides its store."""
