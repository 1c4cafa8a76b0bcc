"""How Mneme is seen from outside: the catalogue of metrics, structured logs, trace context, the health endpoint."""
