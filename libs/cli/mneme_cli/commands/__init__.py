"""The commands, one file for each resource. In: arguments. Out: lines on the screen, or JSON."""
