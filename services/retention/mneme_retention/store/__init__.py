"""PostgreSQL as retention reads it, tenant by tenant; of its own it writes jobs and default policies only."""
