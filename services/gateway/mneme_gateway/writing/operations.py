"""The public names of writes: who waited too little can ask again (guarantee 7)."""

from __future__ import annotations

import hashlib
import hmac
from urllib.parse import urlencode
from uuid import UUID

from mneme_common.domain.identifiers import operation_id, parse_operation_id
from mneme_gateway.auth.caller import DEFAULT_TENANT, DEFAULT_USER, Scope
from mneme_gateway.errors import not_found

_PURPOSE = b"mneme operation ids"


class OperationIds:
    """Makes operation ids with the first of the secrets, and reads those of any; all gateways have the same."""

    def __init__(self, *secrets: bytes) -> None:
        self._keys = [hmac.new(secret, _PURPOSE, hashlib.sha256).digest() for secret in secrets]

    def of(self, scope: Scope, event_id: UUID) -> str:
        """The operation id of an event."""
        return operation_id(self._keys[0], scope.tenant_id, scope.user_id, event_id)

    def url(self, scope: Scope, event_id: UUID) -> str:
        """Where to ask, naming tenant and user where they are not the default ones."""
        named = {"tenant_id": scope.tenant_id, "user_id": scope.user_id}
        usual = {"tenant_id": DEFAULT_TENANT, "user_id": DEFAULT_USER}
        query = urlencode({name: value for name, value in named.items() if value != usual[name]})
        return f"/v1/operations/{self.of(scope, event_id)}" + (f"?{query}" if query else "")

    def event_id(self, scope: Scope, text: str) -> UUID:
        """The event behind an operation id; raises ApiError 404 when it was not issued for this user."""
        for key in self._keys:
            event_id = parse_operation_id(key, scope.tenant_id, scope.user_id, text)
            if event_id is not None:
                return event_id
        raise not_found("Operation")
