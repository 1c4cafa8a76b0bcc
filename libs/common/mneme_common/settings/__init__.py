"""Settings that several services read, all from the environment with the prefix ``MNEME_``."""
