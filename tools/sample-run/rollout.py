"""Sampling of responses, and what the nets say about each of their tokens."""
from dataclasses import dataclass

import torch

from tokenizer import END, PAD


@dataclass
class Batch:
    """Prompts padded on the left, responses on the right; `mask` is 1 at the responses' tokens, the end included."""
    ids: torch.Tensor
    prompt: int
    mask: torch.Tensor
    logprobs: torch.Tensor
    ended: list

    @property
    def responses(self):
        return self.ids[:, self.prompt:]

    def take(self, rows):
        """The batch of some rows."""
        return Batch(self.ids[rows], self.prompt, self.mask[rows], self.logprobs[rows], [self.ended[i] for i in rows])

    def response_ids(self, row):
        """The ids of one response, the end token included where it was written."""
        return self.responses[row][self.mask[row].bool()].tolist()


def choose(logits, greedy, generator):
    """The next token of each row and its log-probability at temperature 1."""
    logprobs = logits.log_softmax(-1)
    token = logits.argmax(-1) if greedy else torch.multinomial(logprobs.exp(), 1, generator=generator)[:, 0]
    return token, logprobs.gather(1, token[:, None])[:, 0]


@torch.no_grad()
def sample(policy, prompts, limit, generator=None, greedy=False):
    """One response of at most `limit` tokens for each prompt (a list of ids)."""
    width = max(map(len, prompts))
    ids = torch.tensor([[PAD] * (width - len(p)) + p for p in prompts])
    caches = [[] for _ in policy.blocks]
    visible, newest = ids != PAD, ids
    active = torch.ones(len(prompts), dtype=torch.bool)
    masks, logprobs = [], []
    for _ in range(limit):
        logits = policy(newest, visible, caches)[:, -1]
        token, logprob = choose(logits, greedy, generator)
        token = torch.where(active, token, torch.tensor(PAD))
        masks.append(active.float())
        logprobs.append(torch.where(active, logprob, torch.tensor(0.0)))
        ids = torch.cat([ids, token[:, None]], 1)
        visible = torch.cat([visible, active[:, None]], 1)
        newest, active = token[:, None], active & (token != END)
        if not active.any():
            break
    return Batch(ids, width, torch.stack(masks, 1), torch.stack(logprobs, 1), (~active).tolist())


def token_scores(policy, batch):
    """(log-probability of each response token, entropy of its distribution, the policy's features before it)."""
    seen = torch.cat([batch.ids[:, :batch.prompt] != PAD, batch.mask.bool()], 1)
    features = policy.features(batch.ids[:, :-1], seen[:, :-1])[:, batch.prompt - 1:]
    logprobs = policy.head(features).log_softmax(-1)
    entropy = -(logprobs.exp() * logprobs).sum(-1)
    return logprobs.gather(2, batch.responses[..., None])[..., 0], entropy, features
