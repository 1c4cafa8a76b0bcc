"""One file per job: load → decide → command."""
