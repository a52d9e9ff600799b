"""Appends rollouts as rewardlens/1: JSON Lines, one rollout a line, one file a process. Standard library only."""
import json
import math
import os
import socket


def log_response(ids, prompt=None, tokenizer=None, mask=None, sampled=None, columns=None, folder=None, **fields):
    """One line for a prompt and the token ids behind it; the arguments are those of the functions below."""
    turns = message_turns(prompt)
    found = token_turns(ids, tokenizer, mask, sampled, before="environment" if turns else "prompt", **(columns or {}))
    if len(found) > 1:
        fields.setdefault("signals", {"turns": {"source": "from the loss mask"}})
    log_rollout(turns + found, folder, **fields)


def log_rollout(turns, folder=None, **fields):
    """Appends one rollout: turns, and id, run, group, train_step, split, reward, rewards (name: number), success,
    truncated, answer, metadata or any other field; None is left out."""
    line = {name: plain(value) for name, value in fields.items()}
    scores = line.get("rewards") or {}
    words = {name: x for name, x in scores.items() if isinstance(x, (str, list, dict))}
    if words:
        line["metadata"] = {**(line.get("metadata") or {}), "rewards": words}
    line["rewards"] = {name: number(x) for name, x in scores.items() if name not in words} or None
    line["reward"] = number(line.get("reward"))
    for name in ("id", "run", "group", "answer"):
        line[name] = None if line.get(name) is None else str(line[name])
    line = {"schema": "rewardlens/1", **{name: x for name, x in line.items() if x is not None}, "turns": plain(turns)}
    text = json.dumps(line, ensure_ascii=False, allow_nan=False, separators=(",", ":")) + "\n"
    folder = str(folder or os.environ.get("REWARDLENS_DIR", "rollouts"))
    os.makedirs(folder, exist_ok=True)
    name = "-".join(filter(None, [os.environ.get("RANK"), socket.gethostname(), str(os.getpid())]))
    # One unbuffered write to a file of this process alone: who reads along sees whole lines.
    with open(os.path.join(folder, f"rollouts-{name}.jsonl"), "ab", buffering=0) as file:
        file.write(text.encode("utf-8", "replace"))


def message_turns(prompt):
    """Turns of a prompt, which is a text, chat messages or None; nothing in it is trained on."""
    if prompt is None:
        return []
    if isinstance(prompt, str):
        return [{"role": "prompt", "content": prompt}]
    turns = []
    for message in plain(prompt):
        content = message.get("content") or ""
        parts = [] if isinstance(content, str) else [part.get("text") or "" for part in content]
        turns.append({"role": message["role"], "content": content if isinstance(content, str) else "".join(parts)})
        if message["role"] == "assistant":
            turns[-1]["trainable"] = False
    return turns


def token_turns(ids, tokenizer=None, mask=None, sampled=None, before="environment", **columns):
    """Turns of a token sequence: a turn for each run of tokens that the policy wrote (`sampled`, by default `mask`, by
    default all) and for each run between them; what stands first has the role `before`. `mask` is 1 where the loss
    counts. A column has a number a token (more are padding), or one number for all; None is left out. Tokens that the
    policy did not write get no columns: what trainers hold there is filler."""
    ids = listed(ids)
    n = len(ids)
    sampled = [bool(x) for x in listed(mask if sampled is None else sampled) or [1] * n][:n]
    sampled += [False] * (n - len(sampled))
    columns = {"mask": None if mask is None else [int(bool(x)) for x in listed(mask)], **columns}
    columns = {name: listed(x) for name, x in columns.items() if x is not None}
    columns = {name: (x if isinstance(x, list) else [x] * n) for name, x in columns.items()}
    text, spans = place(ids, tokenizer)
    turns = []
    start = 0
    while start < n or not turns:
        end = start + 1
        while end < n and sampled[end] == sampled[start]:
            end += 1
        wrote = start == n or sampled[start]
        low = spans[start][0] if turns else 0
        high = spans[end][0] if end < n else len(text)
        content = text[low:high]
        at = utf16(content)
        inside = [[at[min(max(x - low, 0), high - low)] for x in span] for span in spans[start:end]]
        tokens = {"offsets": inside, "ids": ids[start:end]}
        if wrote:
            tokens.update({name: x[start:end] for name, x in columns.items()})
        role = "assistant" if wrote else "environment" if turns else before
        turns.append({"role": role, "content": content, "tokens": tokens})
        start = end
    return turns


def place(ids, tokenizer):
    """The text of the tokens without special ones, and each token's span in it, in characters. Tokens that hold parts
    of one character share it; special tokens have empty spans. Without a tokenizer all is empty."""
    nowhere = [(0, 0)] * len(ids)
    if tokenizer is None:
        return "", nowhere
    text, spans, seen, now = "", [], "", ""
    first, between = 0, 0
    for t in range(len(ids)):
        now = decoded(ids[first : t + 1], tokenizer)
        # Pieces of a character that is not complete yet decode to U+FFFD, at the end only.
        whole = now.rstrip("\ufffd")
        start = len(text)
        if whole.startswith(seen):
            text += whole[len(seen) :]
            seen = whole
        elif not seen.startswith(whole):
            return decoded(ids, tokenizer), nowhere
        spans.append((start, len(text) + (now != whole)))
        # Decoded anew from between two characters a little before, not from the beginning: that would be quadratic.
        if now == whole and t - between >= 32:
            first, between = between, t + 1
            seen = now = decoded(ids[first : t + 1], tokenizer)
    return text + now[len(seen) :], spans


def decoded(ids, tokenizer):
    return tokenizer.decode(ids, skip_special_tokens=True, clean_up_tokenization_spaces=False)


def utf16(text):
    """Where each character begins, and the text ends, in UTF-16 code units."""
    at = [0]
    for character in text:
        at.append(at[-1] + (2 if character > "\uffff" else 1))
    return at


def listed(value):
    """A tensor or an array as plain numbers; anything else as it is, tuples as lists."""
    value = value.tolist() if hasattr(value, "tolist") else value
    return list(value) if isinstance(value, tuple) else value


def number(value):
    return None if value is None else float(value)


def plain(value):
    """Any value as JSON: NaN and infinities are null, what JSON does not have is its text."""
    value = listed(value)
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else None
    if value is None or isinstance(value, (str, int)):
        return value
    if isinstance(value, dict):
        return {str(name): plain(x) for name, x in value.items()}
    if isinstance(value, list):
        return [plain(x) for x in value]
    return str(value)
