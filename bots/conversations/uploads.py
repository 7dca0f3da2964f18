"""Files that the page sends: kept from when they come until their event is handled."""

from collections.abc import Mapping

from bots.conversations import store
from bots.conversations.forms import access, steps
from bots.conversations.forms import store as drafts
from bots.conversations.handled import Effect, Here
from bots.messages import InboundEvent, Kind
from bots.windows.model import Window
from rag_core.database import Database, ViewerConnection, scoped


class Uploads:
    """What a courier is to the other platforms, as far as files go."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def fetch(self, event: InboundEvent) -> bytes | None:
        """Return the content of the event's file; None if it is kept no more."""
        with self._database.application() as connection:
            return store.upload(connection, event.id)

    def after(self, here: Here) -> tuple[Effect, ...]:
        """Return what deletes the file in the transaction that handles its event (``Modes.after``)."""
        event = here.event
        if event.kind is not Kind.FILE or event.place.platform != "web":
            return ()

        def drop(viewer: ViewerConnection) -> None:
            store.drop_upload(scoped(viewer), event.id)

        return (drop,)


def asks_for_file(viewer: ViewerConnection, reader: str, conversation: str, windows: Mapping[str, Window]) -> bool:
    """Return whether the form that the viewer fills in in this conversation has a field for a file."""
    draft = drafts.current(viewer, conversation, reader)
    window = windows.get(draft.window) if draft else None
    form = window.forms.get(draft.form) if draft and window else None
    return form is not None and any(field.type == "file" for field in form.fields)


def is_file_field(window: Window, groups: frozenset[str], named: str) -> bool:
    """Return whether "window/form/field" is a field for a file in a form that customers of these groups may fill in."""
    form, _, name = named.rpartition("/")
    found = access.find([window], groups, None, form)
    field = steps.field_of(found.form, name) if isinstance(found, access.Open) else None
    return field is not None and field.type == "file"
