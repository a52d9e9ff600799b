"""The policy: a small causal transformer with rotary positions."""
import math

import torch
from torch import nn
from torch.nn import functional as F


def rotary(length, width, base=500.0):
    """Cosines and sines of the rotary positions."""
    rate = base ** (-torch.arange(0, width, 2).float() / width)
    angle = torch.arange(length).float()[:, None] * rate[None]
    return angle.cos(), angle.sin()


def rotate(x, cos, sin):
    """Turns the pairs (first half, second half) of each head by their position."""
    a, b = x.chunk(2, -1)
    return torch.cat([a * cos - b * sin, a * sin + b * cos], -1)


class Block(nn.Module):
    """Attention and a feed-forward net, each after a layer norm."""

    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.qkv = nn.Linear(width, 3 * width, bias=False)
        self.out = nn.Linear(width, width, bias=False)
        self.up, self.down = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)

    def forward(self, x, hidden, position, cache):
        """`hidden` is added to the scores (0 or a large negative number); `cache` keeps keys and values."""
        batch, length, width = x.shape
        q, k, v = self.qkv(self.norm1(x)).view(batch, length, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        cos, sin = position
        q, k = rotate(q, cos, sin), rotate(k, cos, sin)
        if cache is not None:
            if cache:
                k, v = torch.cat([cache[0], k], 2), torch.cat([cache[1], v], 2)
            cache[:] = [k, v]
        scores = q @ k.transpose(-1, -2) / math.sqrt(q.shape[-1]) + hidden
        mixed = (scores.softmax(-1) @ v).transpose(1, 2).reshape(batch, length, width)
        x = x + self.out(mixed)
        return x + self.down(F.relu(self.up(self.norm2(x))))


class Transformer(nn.Module):
    """Ids in, the logits of the next token out."""

    def __init__(self, vocabulary, width=128, depth=4, heads=4, longest=320):
        super().__init__()
        self.embed = nn.Embedding(vocabulary, width)
        self.blocks = nn.ModuleList(Block(width, heads) for _ in range(depth))
        self.norm = nn.LayerNorm(width)
        self.head = nn.Linear(width, vocabulary, bias=False)
        cos, sin = rotary(longest, width // heads)
        self.register_buffer("cos", cos, persistent=False)
        self.register_buffer("sin", sin, persistent=False)
        for parameter in self.parameters():
            if parameter.dim() > 1:
                nn.init.normal_(parameter, std=0.04)

    def features(self, ids, visible, caches=None):
        """`visible` [batch, all positions so far] is False at padding; with `caches`, `ids` are the newest ones."""
        total, length = visible.shape[1], ids.shape[1]
        start = total - length
        causal = torch.ones(length, total, dtype=torch.bool).tril(start)
        hidden = (~(causal[None] & visible[:, None, :])).float()[:, None] * -1e9
        position = self.cos[start:total], self.sin[start:total]
        x = self.embed(ids)
        for index, block in enumerate(self.blocks):
            x = block(x, hidden, position, caches[index] if caches is not None else None)
        return self.norm(x)

    def forward(self, ids, visible, caches=None):
        """The logits of the token that follows each position."""
        return self.head(self.features(ids, visible, caches))
