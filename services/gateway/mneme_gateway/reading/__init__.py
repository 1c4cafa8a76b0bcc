"""Records as rows of PostgreSQL. In: a scope and filters. Out: answers, none from another user."""
