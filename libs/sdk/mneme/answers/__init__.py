"""What the server answers, as frozen dataclasses; times are aware datetimes."""
