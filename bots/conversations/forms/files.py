"""Photos and files that somebody sends for a form in progress."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from uuid import uuid4

from bots.conversations.forms import steps, store
from bots.conversations.forms.bench import Bench, Lying
from bots.conversations.forms.cleaning import clean, file_name
from bots.conversations.forms.steps import Filling, Step
from bots.conversations.forms.store import NewFile
from bots.conversations.forms.texts import say
from bots.conversations.handled import Handled, Here
from bots.messages import FILE_BYTES, InboundEvent, Reply
from bots.windows.modes.field import FieldSpec

Fetch = Callable[[InboundEvent], bytes | None]


def attach(here: Here, lying: Lying, bench: Bench, fetch: Fetch) -> Handled | None:
    """Keep the file for the field that asks for one; None if the form has no use for it now."""
    from_form = bool(here.event.data)  # chosen in the form on the page, which is handed in next
    field = _named(here, lying) if from_form else _wanted(lying.filling)
    if field is None or here.event.file is None:
        return _not_taken(here, lying, "stale") if from_form else None
    content = fetch(here.event)
    if not content or len(content) > FILE_BYTES:
        step = Step(replace(lying.filling, asked=field.name, editing=False), wrong=say(lying.language, "file_gone"))
        return _not_taken(here, lying, "file_gone") if from_form else bench.go_on(here, lying, step)
    name = file_name(here.event.file, field.label_in(lying.language))
    media_type = clean(here.event.file.media_type)[:100]
    file = NewFile(uuid4(), lying.draft.id, field.name, name, media_type, content)
    step = steps.put(lying.filling, {field.name: name}, lying.context)
    handled = bench.go_on(here, lying, step, more=(partial(store.add_file, reader=here.viewer.reader, file=file),))
    if not from_form or step.wrong:
        return handled
    taken = say(lying.language, "file_taken", label=field.label_in(lying.language), name=name)
    reply = Reply(taken, language=lying.language, took=True)  # the page holds the other questions
    return replace(handled, reply=reply)


def _not_taken(here: Here, lying: Lying, key: str) -> Handled:
    """Say why, as a notice: by it the page knows that the form is not to be handed in yet."""
    return Handled(here.viewer, Reply("", notice=say(lying.language, key), language=lying.language))


def _named(here: Here, lying: Lying) -> FieldSpec | None:
    """Return the field of the form on the page that the file was chosen for; None if that form is not in progress."""
    form, _, name = here.event.data.rpartition("/")
    field = steps.field_of(lying.filling.form, name)
    same = here.event.draft in ("", lying.draft.id)
    in_progress = same and form == f"{lying.draft.window}/{lying.draft.form}"
    return field if in_progress and field is not None and field.type == "file" else None


def _wanted(filling: Filling) -> FieldSpec | None:
    """Return the field that asks for a file: the one asked for, or the first that is still open."""
    asked = filling.field
    if asked is not None and asked.type == "file":
        return asked
    return next((field for field in filling.open if field.type == "file"), None)
