"""Made-up rollouts for logging.test.ts, written by tools/logging/rewardlens_log.py below the folder that is argument 2."""
import sys

sys.path.insert(0, sys.argv[1])
from rewardlens_log import log_response, log_rollout, token_turns

folder = sys.argv[2]
nan, inf = float("nan"), float("inf")


class Tensor:
    """As much of a tensor as the helper uses."""

    def __init__(self, values):
        self.values = values

    def tolist(self):
        return self.values


class ByteTokenizer:
    """Byte-level: ids below 256 are bytes, those in `pieces` several, the rest are special."""

    pieces = {300: b" a\xf0\x9f", 301: b"\x99\x82 b"}

    def decode(self, ids, skip_special_tokens=False, clean_up_tokenization_spaces=True):
        assert skip_special_tokens and not clean_up_tokenization_spaces
        return b"".join(self.pieces.get(i, bytes([i]) if i < 256 else b"") for i in ids).decode("utf-8", "replace")


class CleaningTokenizer(ByteTokenizer):
    """What it said before is not what it says later: places in its text cannot be known."""

    def decode(self, ids, **options):
        return super().decode(ids, **options).replace(" ,", ",")


class StrippingTokenizer(ByteTokenizer):
    """As SentencePiece: without the space that a text begins with."""

    def decode(self, ids, **options):
        text = super().decode(ids, **options)
        return text[1:] if text.startswith(" ") else text


tokenizer = ByteTokenizer()
end = 256


def ids(text):
    return list(text.encode()) + [end]


split = [300, 301, end]
log_response(
    Tensor(split), "What?", tokenizer, mask=Tensor([True, True, False]), sampled=[1, 1, 1],
    columns={
        "logprobs": Tensor([-0.5, nan, -inf, 0.0, 0.0]), "values": [0.25, 0.5, 0.1],
        "advantages": Tensor(-0.75), "returns": None},
    folder=folder, id=7, group=12, train_step=Tensor(3), reward=Tensor(True),
    rewards={"correct": True, "style": nan, "said": "A", "reward": 0.5}, metadata={"lr": Tensor([1e-6, inf]), "tag": "x"})

tool = ids("tool: né")
log_response(
    ids("so") + tool + ids("then 🙂"),
    [{"role": "system", "content": None}, {"role": "assistant", "content": "as before"},
     {"role": "user", "content": [{"type": "image"}, {"type": "text", "text": "Now?"}]}],
    tokenizer, mask=[1] * 3 + [0] * len(tool) + [1] * 10,
    columns={"logprobs": [float(t) for t in range(3 + len(tool) + 10)]}, folder=folder, reward=nan)

log_response(ids("alone"), folder=folder, columns={"values": [1, 2, 3, 4, 5, 6]}, split="validation")
log_response([1, 2] + split, None, tokenizer, mask=[0, 0, 1, 1, 1], folder=folder, columns={"values": [1, 2, 3, 4]})
log_response([240, 159, end, 65, 255], "", tokenizer, folder=folder)
log_response(list(b"a ,b"), "", CleaningTokenizer(), folder=folder)
log_response([], "", tokenizer, mask=[], folder=folder, columns={"values": []})
log_response(list((" é 🙂漢 word," * 400).encode()), "", StrippingTokenizer(), folder=folder)
log_rollout(
    [{"role": "prompt", "content": "\ud83d lone"}, *token_turns(ids("go"), tokenizer, logprobs=[-1, -2, -3])],
    folder, id="turns", reward=Tensor(-2), truncated=False, success=None)
for length in range(30, 70):
    log_response(list(b"x" * length), "", tokenizer, folder=folder)
