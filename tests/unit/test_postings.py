"""Posting lists survive being written and read."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from rag_core.search.postings import COMMON, Layout, collect, decode, empty, encode, find, layout, term_hash

_words = st.lists(st.sampled_from(["特", "休", "特休", "leave", "年", "資", "年資", "病假"]), max_size=400)


def spread(buckets: int, common: list[str], length: int = 9) -> Layout:
    """A layout with these common terms."""
    hashes = np.array(sorted(map(term_hash, common)), np.uint32)
    return Layout(buckets, hashes, np.full(len(hashes), length, np.uint16))


@given(
    st.dictionaries(st.integers(0, 32_767), _words, max_size=20),
    st.integers(1, 7),
    st.sets(st.sampled_from(["特", "年資", "?"])),
)
def test_what_was_written_is_found(chunks, buckets, common):
    """Every term of every chunk is found with its count, however the terms are spread."""
    chosen = spread(buckets, sorted(common))
    payloads = dict(encode(collect(chunks.items()), chosen))
    for term in {word for words in chunks.values() for word in words}:
        [(slots, counts)] = find(payloads[chosen.row_of(term_hash(term))], np.array([term_hash(term)], np.uint32))
        expected = {slot: min(255, words.count(term)) for slot, words in chunks.items() if term in words}
        assert dict(zip(slots.tolist(), counts.tolist(), strict=True)) == expected


@given(st.dictionaries(st.integers(0, 99), _words, max_size=10), st.dictionaries(st.integers(100, 199), _words))
def test_removing_and_adding_equals_building_anew(old, new):
    """A shard that lost and gained chunks is the shard that was built from what is left."""
    gone = list(old)[: len(old) // 2]
    left = {slot: words for slot, words in old.items() if slot not in gone}
    edited = collect(old.items()).without(np.array(gone, np.uint16)).plus(collect(new.items()))
    built = collect({**left, **new}.items())
    assert [a.tolist() for a in (edited.hashes, edited.slots, edited.counts)] == [
        a.tolist() for a in (built.hashes, built.slots, built.counts)
    ]


def test_payloads_decode_to_what_was_encoded():
    """Decoding all buckets gives all postings back."""
    postings = collect([(7, ["加班", "費", "費"]), (9, ["加班"])])
    parts = [decode(payload) for _, payload in encode(postings, spread(3, ["費"]))]

    def rows(some):
        return sorted(
            row for p in some for row in zip(p.hashes.tolist(), p.slots.tolist(), p.counts.tolist(), strict=True)
        )

    assert rows(parts) == rows([postings])


def test_a_term_that_is_not_there_gives_nothing():
    """A hash absent from a payload yields empty arrays, also past the last hash."""
    [(_, payload)] = list(encode(collect([(1, ["a"])]), spread(1, [])))
    for slots, counts in find(payload, np.array([0, 2**32 - 1], np.uint32)):
        assert len(slots) == len(counts) == 0


def test_no_postings_make_no_buckets():
    """An empty shard writes nothing."""
    assert list(encode(empty(), layout(empty()))) == []


def test_a_common_term_has_a_row_of_its_own_and_its_length_is_known():
    """So that a question can leave out the most common terms without reading them."""
    postings = collect([(slot, ["的", "加班"] if slot else ["的"]) for slot in range(COMMON)])
    chosen = layout(postings)
    row = chosen.row_of(term_hash("的"))
    assert (row, chosen.length_of(row)) == (-1, COMMON)
    assert chosen.row_of(term_hash("加班")) >= 0
    assert len(find(dict(encode(postings, chosen))[-1], np.array([term_hash("的")], np.uint32))[0][0]) == COMMON
