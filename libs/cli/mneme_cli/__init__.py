"""The command line of Mneme."""
