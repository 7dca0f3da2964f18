"""How a window file is written, as faults show it, is right."""

import pytest
from pydantic import TypeAdapter, ValidationError
from ruamel.yaml import YAML

from bots.windows.model import WindowFile
from bots.windows.modes.field import FieldSpec, Option
from bots.windows.modes.form import Approver, Call, Check, Form, OneApprover, Step
from bots.windows.modes.lookup import HttpGet, Lookup
from bots.windows.modes.notification import Action, Notification, Recipients
from bots.windows.window_file import WINDOW_FILE

SECTIONS = ("lookups", "forms", "notifications")
OF_MODES = {path: model for path, model in WINDOW_FILE.models.items() if path.split(".")[0] in SECTIONS}
KEYS = [*SECTIONS, *(f"{path}.{key}" for path, model in OF_MODES.items() for key in model.model_fields)]

FIELD = {"name": "reason", "label": "事由"}
FIELDS = [{**FIELD, "name": name, "type": type_} for name, type_ in (("starts", "date"), ("deputy", "person"))]
BASES = {
    WindowFile: [{"name": "hr", "department": "人", "title": "人資", "serves": ["employees"]}],
    Lookup: [{"sql": "a.sql"}, {}],
    HttpGet: [{"url": "https://a.example"}],
    FieldSpec: [
        {**FIELD, **more}
        for more in ({}, {"type": "number"}, {"type": "date"}, {"type": "choice"}, {"type": "choice", "choices": ["a"]})
    ],
    Option: [{}],
    Form: [{"title": "單", "fields": FIELDS}],
    Check: [{"when": "days > 3", "say": "多"}],
    Step: [{}],
    Approver: [{}],
    Call: [{"http": "https://a.example"}],
    Notification: [
        {"text": "a", "to": {"groups": ["a"]}, "actions": ["a"], **more} for more in ({}, {"schedule": "0 9 * * *"})
    ],
    Recipients: [{}],
    Action: [{}],
}
"""What an example has to be added to, to be a right part of its kind: one of these."""


def as_part(path: str, example: str) -> object:
    """The example as YAML: an item of a list stands for itself, and so does the value of the part's own key."""
    read = YAML(typ="safe").load(example)
    read = read[0] if isinstance(read, list) else read
    own = path.rpartition(".")[2]
    return read[own] if isinstance(read, dict) and list(read) == [own] and own not in SECTIONS else read


def accepts(path: str, example: str) -> bool:
    model, part = WINDOW_FILE.models.get(path, WindowFile), as_part(path, example)
    if model is Recipients:
        model, part = Notification, {"to": part}
    part = part[0] if model is Approver and isinstance(part, list) else part
    taken_by = TypeAdapter(OneApprover if model is Approver else model)
    for base in BASES[model]:
        try:
            taken_by.validate_python({**base, **part} if isinstance(part, dict) else part)
        except ValidationError:
            continue
        return True
    return False


@pytest.mark.parametrize("key", KEYS)
def test_every_key_has_a_right_example(key):
    """Whatever is wrong with a key, the fault shows how it is written, and written like that it is right."""
    example = WINDOW_FILE.examples[key]
    assert "\n" not in example
    assert accepts(key.rpartition(".")[0], example)


def test_no_example_is_left_of_a_key_that_is_gone():
    """Each belongs to a key of a model, to an item below one, or to a section."""
    paths = {path.removesuffix("[]") for path in WINDOW_FILE.examples if path.split(".")[0] in SECTIONS}
    assert paths - set(KEYS) == set()
