"""Settings of the resolver."""

from __future__ import annotations

from mneme_common.settings.worker import EncryptionSettings, WorkerSettings


class ResolverSettings(WorkerSettings, EncryptionSettings):
    """``resolver_create_only`` is the kill switch: while it is on, nothing is merged (S1-50)."""

    resolver_create_only: bool = False
