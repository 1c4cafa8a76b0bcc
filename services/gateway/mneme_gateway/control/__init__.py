"""The control plane that the gateway owns: tenants and keys, written directly."""
