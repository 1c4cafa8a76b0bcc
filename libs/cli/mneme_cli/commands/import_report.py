"""What an import says about a file, and about what became of it."""

from __future__ import annotations

from pathlib import Path

from rich.text import Text

from mneme_cli.screen import shown
from mneme_cli.session import Session
from mneme_cli.sources.survey import Survey
from mneme_cli.sources.turns import Source
from mneme_cli.transfer.tally import Tally

_SHOWN = 10


def show_survey(session: Session, file: Path, source: Source, found: Survey) -> None:
    """The dry run."""
    if session.screen.as_json:
        session.screen.json({**_facts(session, file, source, found), "unreadable": _unreadable(found)})
        return
    users = ", ".join(
        f"{user or session.user or 'default'} ({count})" for user, count in list(found.users.items())[:_SHOWN]
    )
    if session.user:
        users = f"{session.user} (--user; the file names {len(found.users)})"
    session.screen.say(
        f"{file}: {source.format_name}, {found.turns} messages in {len(found.conversations)} conversations"
    )
    session.screen.say(f"  users     {users}")
    session.screen.say(f"  speakers  {', '.join(sorted(found.speakers)[:_SHOWN])}")
    if found.first:
        session.screen.say(f"  said      {found.first} to {found.last}")
    _show_faults(session, source, [(item.place, item.reason) for item in found.unreadable])
    session.screen.say("Nothing was sent (--dry-run).")


def show_result(session: Session, file: Path, source: Source, found: Survey, tally: Tally, seconds: float) -> None:
    """What has become of each message."""
    faults = [(item.place, item.reason) for item in found.unreadable]
    faults += [(item.place, item.reason) for item in tally.refused]
    if session.screen.as_json:
        counts = {"recorded": tally.recorded, "already_there": tally.present, "accepted": tally.accepted}
        refused = [{"place": place, "reason": reason} for place, reason in faults]
        facts = _facts(session, file, source, found)
        session.screen.json({**facts, **counts, "refused": refused, "seconds": round(seconds, 3)})
        return
    parts = [f"{tally.recorded} recorded"]
    parts += [f"{tally.present} already there"] if tally.present else []
    parts += [f"{tally.accepted} accepted, not recorded yet"] if tally.accepted else []
    parts += [f"{len(faults)} refused"] if faults else []
    rate = f", {tally.recorded / seconds:.0f}/s" if tally.recorded and seconds else ""
    session.screen.say(f"{found.turns} messages: {', '.join(parts)} ({seconds:.1f} s{rate})")
    _show_faults(session, source, faults)
    user = session.user or next(iter(found.users), None)
    session.screen.say(f'Search them: mneme search "..."{f" --user {user}" if user else ""}')


def _show_faults(session: Session, source: Source, faults: list[tuple[str, str]]) -> None:
    for place, reason in faults[:_SHOWN]:
        session.screen.note(Text.assemble((f"{place}: ", "yellow"), shown(reason)))
    if len(faults) > _SHOWN:
        session.screen.note(f"and {len(faults) - _SHOWN} more; --json lists all")
    ignored = sorted(source.remarks.ignored_fields)
    if ignored:
        session.screen.note(f"Not imported: the fields {', '.join(ignored)}. Put what you need into metadata.")


def _facts(session: Session, file: Path, source: Source, found: Survey) -> dict[str, object]:
    users = [session.user] if session.user else [user for user in found.users if user is not None]
    return {
        "file": str(file),
        "format": source.format_name,
        "messages": found.turns,
        "users": users,
        "conversations": len(found.conversations),
        "first": found.first or None,
        "last": found.last or None,
        "ignored_fields": sorted(source.remarks.ignored_fields),
    }


def _unreadable(found: Survey) -> list[dict[str, str]]:
    return [{"place": item.place, "reason": item.reason} for item in found.unreadable]
