"""Group relative policy optimisation: advantages, and one update of the policy and of the critic beside it."""
from dataclasses import dataclass
from statistics import mean, stdev

import torch


@dataclass(frozen=True)
class Settings:
    """One run. The policy's learning rate falls in a line to `final` of it; the critic's is constant."""
    name: str
    steps: int
    groups: int = 8
    samples: int = 8
    limit: int = 96
    rate: float = 6e-5
    final: float = 0.1
    critic_rate: float = 5e-4
    critic_warmup: int = 32
    critic_epochs: int = 6
    clip: float = 0.2
    kl: float = 0.005
    minibatches: int = 4
    log_every: int = 10
    validate_every: int = 10
    validation: int = 96
    seed: int = 11


def group_advantages(rewards, epsilon=1e-6):
    """(R - mean) / (std + epsilon) inside one group, the deviation with n - 1."""
    centre, spread = mean(rewards), stdev(rewards)
    return [(reward - centre) / (spread + epsilon) for reward in rewards]


def masked_mean(x, mask):
    return (x * mask).sum() / mask.sum()


def policy_loss(logprobs, old, reference, advantages, mask, settings):
    """The clipped loss with the low-variance KL penalty to the reference, and the numbers to log."""
    ratio = (logprobs - old).exp()
    clipped = ratio.clamp(1 - settings.clip, 1 + settings.clip)
    plain, bounded = -advantages * ratio, -advantages * clipped
    pg_loss = masked_mean(torch.maximum(plain, bounded), mask)
    difference = reference - logprobs
    kl_loss = masked_mean(difference.exp() - difference - 1, mask)
    numbers = {"actor/pg_loss": pg_loss.item(), "actor/kl_loss": kl_loss.item(),
               "actor/ppo_kl": masked_mean(old - logprobs, mask).item(),
               "actor/pg_clipfrac": masked_mean((bounded > plain).float(), mask).item()}
    return pg_loss + settings.kl * kl_loss, numbers


def descend(net, optimiser, loss):
    """One step of the optimiser; returns the norm of the gradient before it was clipped to 1."""
    optimiser.zero_grad()
    loss.backward()
    norm = torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
    optimiser.step()
    return norm.item()


def averages(rows):
    """The mean of each number over several rows of them."""
    return {name: mean(row[name] for row in rows) for name in rows[0]}
