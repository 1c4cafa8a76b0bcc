"""What tests need and services never import: real brokers to talk to and ways to wait.

In: nothing but a directory to work in. Out: running servers, and polls that end at a deadline.
"""

from __future__ import annotations
