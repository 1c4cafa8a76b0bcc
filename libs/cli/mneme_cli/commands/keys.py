"""`mneme keys`: API keys. Making them takes the master key."""

from __future__ import annotations

from typing import Annotated

import typer

from mneme.answers.keys import ApiKey
from mneme_cli.failures import USAGE, CommandFailedError
from mneme_cli.screen import table, when
from mneme_cli.session import Session

KeyId = Annotated[str, typer.Argument(help="The id of the key, as `mneme keys list` shows it.")]


def create_key(
    session: Session,
    name: Annotated[str, typer.Argument(help="What the key is for.")],
    *,
    expires_at: Annotated[
        str | None, typer.Option("--expires", help="When it ends, RFC 3339; never if absent.")
    ] = None,
) -> None:
    """Make a key for the user that --user names, in the tenant that --tenant names."""
    if session.user is None:
        raise CommandFailedError("Say whose key it is: --user NAME.", status=USAGE)
    with session.client() as client:
        _show_new(
            session,
            client.keys.create(name, user_id=session.user, tenant_id=session.tenant, expires_at=expires_at),
        )


def list_keys(session: Session) -> None:
    """List keys, without the keys themselves."""
    with session.client() as client:
        found = client.keys.list(user_id=session.user, tenant_id=session.tenant)
    if session.screen.as_json:
        session.screen.json(found.raw)
    elif not found.keys:
        session.screen.say("There are no keys.")
    else:
        rows = [
            [
                key.key_id,
                key.tenant_id,
                key.user_id,
                f"{key.key_prefix}...",
                when(key.expires_at),
                when(key.last_used_at),
                key.name,
            ]
            for key in found
        ]
        session.screen.say(table("id", "tenant", "user", "key", "expires", "last used", "name", rows=rows))


def rotate_key(session: Session, key_id: KeyId) -> None:
    """Replace a key by a new one; the old one ends at once."""
    with session.client() as client:
        _show_new(session, client.keys.rotate(key_id))


def revoke_key(session: Session, key_id: KeyId) -> None:
    """End a key at once."""
    with session.client() as client:
        client.keys.revoke(key_id)
    if session.screen.as_json:
        session.screen.json({"revoked": key_id})
    else:
        session.screen.say(f"{key_id} is revoked")


def _show_new(session: Session, key: ApiKey) -> None:
    if session.screen.as_json:
        session.screen.json(key.raw)
        return
    session.screen.say(f"{key.raw_key}")
    session.screen.note(f"Key {key.key_id} of {key.tenant_id}/{key.user_id}. It is shown this once: keep it safe.")


def rewrap_keys(session: Session) -> None:
    """Wrap the keys of all users by the present MNEME_ENCRYPTION_KEY, after it was changed."""
    with session.client() as client:
        job = client.rewrap_keys()
    session.screen.json(job.result if job.result is not None else {"error": job.error})
    if job.result is None or job.result.get("unreadable"):
        raise CommandFailedError("Some keys need a master key that is not in MNEME_ENCRYPTION_KEYS_BEFORE.")
