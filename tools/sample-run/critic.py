"""The critic: a small recurrent net that reads what the start policy thought while the response was written."""
import torch
from torch import nn


class Critic(nn.Module):
    """Per response token: the start policy's features before it, its entropy, and the token before it (how likely)."""

    def __init__(self, width, state=96):
        super().__init__()
        self.reader = nn.GRU(width + 2, state, batch_first=True)
        self.head = nn.Linear(state, 1)
        nn.init.zeros_(self.head.weight)

    def forward(self, inputs):
        """The expected reward before each token is written: [batch, tokens]."""
        return self.head(self.reader(inputs)[0])[..., 0]


def critic_inputs(features, logprobs, entropy):
    """What the critic reads; the log-probability of a token is known only after it, so it is shifted by one."""
    before = torch.cat([torch.zeros_like(logprobs[:, :1]), logprobs[:, :-1]], 1)
    return torch.cat([features, entropy[..., None], before.clamp(min=-10)[..., None]], -1)
