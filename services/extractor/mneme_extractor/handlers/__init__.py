"""One file per message: load → decide → store → emit."""
