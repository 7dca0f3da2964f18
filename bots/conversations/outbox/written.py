"""Replies and places as the outbox keeps them: JSON and back."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from bots.messages import Card, Choice, Place, Reply, SourceCard


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
        }
    )


def read_place(kept: Mapping[str, Any]) -> Place:
    """Return the place that was kept."""
    return Place(**kept)


def _card(kept: Mapping[str, Any]) -> Card:
    return Card(kept["title"], kept["text"], tuple(Choice(**choice) for choice in kept["choices"]))
