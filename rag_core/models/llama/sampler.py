"""Chooses the tokens of one answer: llama.cpp's chain of samplers, and what a grammar allows.

Source of the calls and their meaning: llama.h of llama.cpp, as llama-cpp-python 0.3.36 carries it.
"""

import ctypes
import os
from collections.abc import Collection, Iterator
from typing import Any

import numpy as np

from rag_core.models.llama.request import BadRequest, Sampling

_CANDIDATE = np.dtype([("id", np.int32), ("logit", np.float32), ("p", np.float32)])  # llama_token_data


class Sampler:
    """Chooses the tokens of one answer. ``ends``: those that end one, which ``ignore_end`` rules out."""

    def __init__(
        self, api: Any, context: Any, vocabulary: Any, size: int, sampling: Sampling, ends: Collection[int]
    ) -> None:
        self._api, self._context, self._size = api, context, size
        self._grammar = _grammar(api, vocabulary, sampling.grammar)
        self._chain = api.llama_sampler_chain_init(api.llama_sampler_chain_default_params())
        for part in _parts(api, size, sampling, ends):
            api.llama_sampler_chain_add(self._chain, part)

    def next(self, row: int) -> int:
        """Return the token after this row of the last step. Raises BadRequest where the grammar allows none."""
        if self._grammar is None:
            return int(self._api.llama_sampler_sample(self._chain, self._context, row))
        return self._within_grammar(row)

    def close(self) -> None:
        """Give it back."""
        self._api.llama_sampler_free(self._chain)
        if self._grammar is not None:
            self._api.llama_sampler_free(self._grammar)

    def _within_grammar(self, row: int) -> int:
        """Choose among what the grammar allows. One that allows nothing would end the whole process if it were asked.

        (llama.cpp throws through its C interface when a token that the grammar does not allow is accepted.)
        """
        candidates = np.zeros(self._size, _CANDIDATE)
        logits = self._api.llama_get_logits_ith(self._context, row)
        candidates["id"], candidates["logit"] = np.arange(self._size), np.ctypeslib.as_array(logits, (self._size,))
        data = candidates.ctypes.data_as(self._api.llama_token_data_p)
        array = self._api.llama_token_data_array(data, self._size, -1, False)
        self._api.llama_sampler_apply(self._grammar, ctypes.byref(array))
        if not np.isfinite(candidates["logit"]).any():
            raise BadRequest("The grammar allows no next token; its words cannot be written with this model's.")
        self._api.llama_sampler_apply(self._chain, ctypes.byref(array))
        token = int(array.data[array.selected].id)
        self._api.llama_sampler_accept(self._grammar, token)
        self._api.llama_sampler_accept(self._chain, token)
        return token


def _grammar(api: Any, vocabulary: Any, text: str | None) -> Any:
    if text is None:
        return None
    grammar = api.llama_sampler_init_grammar(vocabulary, text.encode(), b"root")
    if not grammar:
        raise BadRequest("The grammar cannot be used; it must be GBNF with a rule named root.")
    return grammar


def _parts(api: Any, size: int, sampling: Sampling, ends: Collection[int]) -> Iterator[Any]:
    """Yield the parts of the chain in llama.cpp's order: what was said, what is likely, the draw."""
    if sampling.ignore_end:
        biases = (api.llama_logit_bias * len(ends))(*[api.llama_logit_bias(n, float("-inf")) for n in ends])
        yield api.llama_sampler_init_logit_bias(size, len(ends), biases)
    if sampling.repeat_penalty != 1.0:
        yield api.llama_sampler_init_penalties(size, sampling.repeat_last, sampling.repeat_penalty, 0.0, 0.0)
    if sampling.temperature <= 0:
        yield api.llama_sampler_init_greedy()
        return
    yield api.llama_sampler_init_top_k(sampling.top_k)
    yield api.llama_sampler_init_top_p(sampling.top_p, 1)
    yield api.llama_sampler_init_min_p(sampling.min_p, 1)
    yield api.llama_sampler_init_temp(sampling.temperature)
    seed = sampling.seed if sampling.seed is not None else int.from_bytes(os.urandom(4), "little")
    yield api.llama_sampler_init_dist(seed & 0xFFFFFFFF)
