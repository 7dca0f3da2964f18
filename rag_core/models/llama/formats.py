"""The chat formats we know by name, each as a Jinja text of our own that writes what its publisher's format writes.

They see what a model's own template sees: ``messages``, ``bos_token``, ``eos_token`` and ``raise_exception``. A format
that has no place for a system message, or wants the turns to alternate, refuses as the published one does; whoever
renders it then puts the system message before the first question (``rag_core.models.llama.templates``).
"""

import re

_BREEZE_SYSTEM = (
    "You are a helpful AI assistant built by MediaTek Research. "
    "The user you are helping speaks Traditional Chinese and comes from Taiwan."
)
_QWEN_SYSTEM = "You are Qwen, created by Alibaba Cloud. You are a helpful assistant."

_ALTERNATE = (
    "{% if message.role != ('user' if loop.index0 is even else 'assistant') %}"
    "{{ raise_exception('the turns must be user, assistant, user, and so on') }}"
    "{% endif %}"
)

# MediaTek-Research/Breeze-7B-Instruct-v1_0, model card: two spaces before the first [INST], none after <s>, one after
# [/INST] even where the answer is still to come. (The card of v0.1 has three spaces before the first [INST].)
_BREEZE = (
    "{% set told = messages[0].role == 'system' %}"
    "{{ bos_token + (messages[0].content | trim if told else '" + _BREEZE_SYSTEM + "') + ' ' }}"
    "{% for message in (messages[1:] if told else messages) %}"
    + _ALTERNATE
    + "{{ ' [INST] ' + message.content + ' [/INST] ' if message.role == 'user' else message.content }}"
    "{% endfor %}"
)

# meta-llama/Llama-2-7b-chat-hf, tokenizer_config.json: the system message stands inside the first question.
_LLAMA2 = (
    "{% set told = messages[0].role == 'system' %}"
    "{% for message in (messages[1:] if told else messages) %}" + _ALTERNATE + "{% if message.role == 'user' %}"
    "{% set system = '<<SYS>>\\n' + messages[0].content + '\\n<</SYS>>\\n\\n' if told and loop.first else '' %}"
    "{{ bos_token + '[INST] ' + (system + message.content) | trim + ' [/INST]' }}"
    "{% else %}"
    "{{ ' ' + message.content | trim + ' ' + eos_token }}"
    "{% endif %}"
    "{% endfor %}"
)

# taide/TAIDE-LX-7B-Chat, model card, "Prompt template": Llama 2's format to the letter.
_TAIDE = _LLAMA2

# mistralai/Mistral-7B-Instruct-v0.2, model card, and docs.mistral.ai on tokenization, V1. The space which the latter
# shows after <s> and </s> is the one a SentencePiece tokenizer puts there itself, so the text has none.
_MISTRAL = (
    "{{ bos_token }}"
    "{% for message in messages %}"
    + _ALTERNATE
    + "{{ '[INST] ' + message.content + ' [/INST]' if message.role == 'user' else ' ' + message.content + eos_token }}"
    "{% endfor %}"
)

# meta-llama/Meta-Llama-3-8B-Instruct, tokenizer_config.json; taide/Llama3-TAIDE-LX-8B-Chat-Alpha1 uses the same.
_LLAMA3 = (
    "{{ bos_token }}"
    "{% for message in messages %}"
    "{{ '<|start_header_id|>' + message.role + '<|end_header_id|>\\n\\n' + message.content | trim + '<|eot_id|>' }}"
    "{% endfor %}"
    "{{ '<|start_header_id|>assistant<|end_header_id|>\\n\\n' }}"
)

# Qwen/Qwen2.5-7B-Instruct, tokenizer_config.json (without its part for tools): ChatML with a default system message.
_QWEN = (
    "{% if messages[0].role != 'system' %}"
    "{{ '<|im_start|>system\\n" + _QWEN_SYSTEM + "<|im_end|>\\n' }}"
    "{% endif %}"
    "{% for message in messages %}"
    "{{ '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>\\n' }}"
    "{% endfor %}"
    "{{ '<|im_start|>assistant\\n' }}"
)

# google/gemma-2-9b-it, tokenizer_config.json: no system role, and the assistant is called model.
_GEMMA = (
    "{{ bos_token }}"
    "{% for message in messages %}"
    + _ALTERNATE
    + "{% set role = 'model' if message.role == 'assistant' else message.role %}"
    "{{ '<start_of_turn>' + role + '\\n' + message.content | trim + '<end_of_turn>\\n' }}"
    "{% endfor %}"
    "{{ '<start_of_turn>model\\n' }}"
)

FORMATS: dict[str, str] = {
    "breeze": _BREEZE,
    "taide": _TAIDE,
    "llama2": _LLAMA2,
    "mistral": _MISTRAL,
    "llama3": _LLAMA3,
    "qwen2.5": _QWEN,
    "gemma": _GEMMA,
}

# The first that fits wins: a later base model (Llama 3, Gemma) says more than the name of who trained it further.
# Breeze 2 is a Llama 3; a figure followed by more digits or a b is a size ("llama 3b"), not a version.
_HINTS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("llama3", re.compile(r"llama[-_ ]?v?3(?![0-9b])|breeze[-_ ]?2(?![0-9b])")),
    ("gemma", re.compile(r"gemma")),
    ("qwen2.5", re.compile(r"qwen")),
    ("breeze", re.compile(r"breeze")),
    ("taide", re.compile(r"taide")),
    ("mistral", re.compile(r"mistral|mixtral")),
    ("llama2", re.compile(r"llama[-_ ]?v?2(?![0-9b])")),
)


def guessed(hints: list[str]) -> str | None:
    """Return the name of the format that a model's names (general.name, its file's name, ...) point to, if any."""
    low = [hint.lower() for hint in hints]
    return next((name for name, sign in _HINTS if any(sign.search(hint) for hint in low)), None)
