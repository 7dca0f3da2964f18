"""Forms as they stand on a page after a reload: with what was written into them there, however they ended. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from bots.messages import FormView, InboundEvent, Kind, Reply
from bots.ports import Asked


def as_written(conversation: Iterable[tuple[InboundEvent | None, Asked]]) -> list[Asked]:
    """Return the conversation, oldest first. Each form holds what the page sent of it later.

    What a form says now may have come another way: by talking, or on another page. That stands where it was said.
    """
    written: dict[str, Mapping[str, str]] = {}
    shown = []
    for event, asked in reversed(list(conversation)):
        shown.append(_filled_in(asked, written))
        if event is not None and event.draft and asked.reply is not None and _is_taken(event, asked.reply):
            written[event.draft] = {**_sent(event), **written.get(event.draft, {})}
    return shown[::-1]


def _is_taken(event: InboundEvent, reply: Reply) -> bool:
    return reply.took if event.kind is Kind.FILE else reply.notice is None


def _filled_in(asked: Asked, written: Mapping[str, Mapping[str, str]]) -> Asked:
    form = asked.reply.form if asked.reply else None
    if asked.reply is None or form is None or form.draft not in written:
        return asked
    return replace(asked, reply=replace(asked.reply, form=_with(form, written[form.draft])))


def _with(form: FormView, values: Mapping[str, str]) -> FormView:
    fields = tuple(replace(field, value=values.get(field.name, field.value)) for field in form.fields)
    return replace(form, fields=fields)


def _sent(event: InboundEvent) -> Mapping[str, str]:
    """Return what a page sent for a form, by field: a file's name, or what was written."""
    if event.kind is Kind.FILE:
        return {event.data.rpartition("/")[2]: event.file.name if event.file else ""}
    return {name: value if isinstance(value, str) else "、".join(value) for name, value in event.values.items()}
