"""Examples, learned: what is like them scores high, and a heavier example pulls more."""

from bots.conversations.intents.classifier import Classifier, Space
from bots.conversations.intents.features import Features, features_of

_TEXTS = ("我要請假", "幫我請假", "我要報帳", "報計程車錢")
_CLASSES = (0, 0, 1, 1)


def learned(weights: tuple[float, ...] = (1.0,) * 4) -> tuple[Space, Classifier]:
    """Two things with two examples each."""
    space = Space([features_of(text) for text in _TEXTS], _CLASSES)
    return space, Classifier(space.gram(), range(len(_TEXTS)), _CLASSES, weights)


def test_an_example_scores_highest_for_what_it_stands_for():
    """Each for its own class, close to 1, and close to 0 for the other."""
    space, classifier = learned()
    for text, expected in zip(_TEXTS, _CLASSES, strict=True):
        scores = classifier.scores(space.alike(features_of(text)))
        assert scores[expected] > 0.6
        assert scores[1 - expected] < 0.2


def test_a_text_is_as_like_an_example_as_the_example_to_itself():
    """The table of examples and the look at one text agree."""
    space, _ = learned()
    gram = space.gram()
    for row, text in enumerate(_TEXTS):
        assert abs(space.alike(features_of(text)) - gram[row]).max() < 1e-5


def test_a_light_example_pulls_less():
    """A label counts less than what people say."""
    space, light = learned((0.1, 0.1, 1.0, 1.0))
    _, even = learned()
    alike = space.alike(features_of("我要請假"))
    assert light.scores(alike)[0] < even.scores(alike)[0]


def test_what_no_example_has_makes_a_text_less_alike():
    """Names a little, a known thing of another sort fully; nothing at all is alike to nothing."""
    space, _ = learned()
    plain, named, strange = (
        space.alike(features_of(text))[0] for text in ("請假", "請假 曉芬", "請假 螢幕 會議室 薪水")
    )
    assert plain > named > strange
    assert space.alike(Features({}, ())).max() == 0
