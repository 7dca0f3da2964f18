"""Replies and places as the outbox keeps them: JSON and back."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from bots.messages import AttachedFile, Card, Choice, FormField, FormView, Place, Reply, SourceCard, Table


def reply_json(reply: Reply) -> dict[str, Any]:
    """Return the reply as plain values."""
    return asdict(reply)


def read_reply(kept: Mapping[str, Any]) -> Reply:
    """Return the reply that was kept."""
    return Reply(
        **{
            **kept,
            "sources": tuple(SourceCard(**source) for source in kept["sources"]),
            "suggestions": tuple(kept["suggestions"]),
            "choices": tuple(Choice(**choice) for choice in kept["choices"]),
            "cards": tuple(_card(card) for card in kept["cards"]),
            "tables": tuple(_table(table) for table in kept.get("tables", ())),
            "form": _form(kept.get("form")),
        }
    )


def read_place(kept: Mapping[str, Any]) -> Place:
    """Return the place that was kept."""
    return Place(**kept)


def _card(kept: Mapping[str, Any]) -> Card:
    choices = tuple(Choice(**choice) for choice in kept["choices"])
    attachments = tuple(AttachedFile(**file) for file in kept.get("attachments", ()))
    return Card(kept["title"], kept["text"], choices, attachments)


def _table(kept: Mapping[str, Any]) -> Table:
    return Table(tuple(kept["columns"]), tuple(tuple(row) for row in kept["rows"]))


def _form(kept: Mapping[str, Any] | None) -> FormView | None:
    if kept is None:
        return None
    fields = tuple(
        FormField(**{**field, "choices": tuple((value, label) for value, label in field["choices"])})
        for field in kept["fields"]
    )
    return FormView(**{**kept, "fields": fields})
