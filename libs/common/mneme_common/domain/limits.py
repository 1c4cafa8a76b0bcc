"""The limits of the interface, each with the row of features.md that states it."""

from __future__ import annotations

NAME_PATTERN = r"^[A-Za-z0-9_.-]+$"  # tenants and conversations, S2-01
USER_ID_PATTERN = r"^[A-Za-z0-9_.@-]+$"  # S0-05

TENANT_ID_MAX = 64  # S2-01
USER_ID_MAX = 255  # S0-05
CONVERSATION_ID_MAX = 128  # S2-01
MESSAGE_CONTENT_MAX = 100_000  # characters, S2-01
MEMORY_CONTENT_MAX_BYTES = 32_768  # S4-03
METADATA_DEPTH_MAX = 4  # S2-02
METADATA_ITEMS_MAX = 50  # S2-02
METADATA_STRING_MAX = 2048  # S2-02
METADATA_KEY_MAX = 256
METADATA_NUMBER_MAX = 2**53 - 1  # what every JSON reader holds exactly (RFC 7493)
BATCH_MAX = 100  # S2-04, S4-06
BODY_MAX_BYTES = 1_048_576  # S2-34
BATCH_BODY_MAX_BYTES = 16_777_216  # a hundred messages of the permitted length
QUERY_MAX = 4096  # S4-14
TOP_K_MAX = 100  # S1-11
TOKEN_BUDGET_MAX = 1_000_000  # S1-12
TAGS_MAX = 50
VERSION_MAX = 2**31 - 1  # the column's type
NOTED_AT_ONCE = 1_000  # revisions in one command
IDEMPOTENCY_KEY_MAX = 255
WAIT_MAX_SECONDS = 30.0
