"""What a tap on a form in progress does. Pure."""

from dataclasses import replace

from bots.conversations.forms import steps
from bots.conversations.forms.steps import Filling, Step
from bots.conversations.forms.texts import say
from bots.windows.modes.field import FieldSpec
from bots.windows.modes.meaning import Context


def step(filling: Filling, revision: int, path: str, picked: str, context: Context) -> Step:
    """Return where a tap leads. ``path`` is what stands behind the draft; "pass": nothing is known of it.

    ``revision``: of the draft as it is now. ``picked``: what a picker chose, ISO 8601 without a zone.
    """
    verb, _, rest = path.partition("/")
    match verb:
        case "cancel":
            return Step(filling, "cancel")
        case "edit":
            return steps.edit(filling)
        case "go":
            return Step(filling) if filling.field or filling.editing else steps.settle(filling, context)
        case "submit":
            return _submit(filling, str(revision) == rest, context)
    name, _, option = rest.partition("/")
    field = steps.field_of(filling.form, name)
    return _of_field(filling, field, verb, option or picked, context) if field else Step(filling, "pass")


def _of_field(filling: Filling, field: FieldSpec, verb: str, more: str, context: Context) -> Step:
    match verb:
        case "ask":
            return steps.ask(filling, field)
        case "skip":
            return steps.skip(filling, field, context)
        case "done":
            return steps.chosen(filling, field, context)
        case "pick":
            return _pick(filling, field, more, context)
        case "set":
            return _set(filling, field, more, context)
    return Step(filling, "pass")


def _submit(filling: Filling, as_shown: bool, context: Context) -> Step:
    if as_shown:
        return steps.hand_in(filling, context)
    again = steps.settle(filling, context)
    return replace(again, wrong=again.wrong or say(context.language, "confirm_again"))


def _set(filling: Filling, field: FieldSpec, key: str, context: Context) -> Step:
    option = steps.option_of(field, key)
    if option is None:
        return Step(replace(filling, asked=field.name, editing=False), wrong=say(context.language, "stale_option"))
    return steps.choose(filling, field, option, context)


def _pick(filling: Filling, field: FieldSpec, picked: str, context: Context) -> Step:
    """Take what a picker chose. Where the platform had none to offer, the field is asked for."""
    if not picked:
        return steps.ask(filling, field)
    return steps.read(filling, field, picked.replace("T", " "), context)
