"""The training loop of one run."""
import copy
import random
import time
import uuid
from statistics import mean

import torch

from critic import Critic, critic_inputs
from grpo import averages, descend, group_advantages, masked_mean, policy_loss
from logs import Rollout
from problems import make_problem
from rewards import is_correct
from rollout import sample, token_scores
from tokenizer import END, prompt_text


def spread(name, values):
    """Mean, greatest and least, under verl's names."""
    return {f"{name}/mean": mean(values), f"{name}/max": max(values), f"{name}/min": min(values)}


class Trainer:
    """Policy, reference, critic and their optimisers; `reward` gives the reward's components."""

    def __init__(self, policy, tokenizer, reward, settings):
        self.policy, self.tokenizer, self.reward, self.settings = policy, tokenizer, reward, settings
        self.reference, self.critic = copy.deepcopy(policy).eval(), Critic(policy.embed.embedding_dim)
        self.actor_optimiser = torch.optim.Adam(policy.parameters(), lr=settings.rate, betas=(0.9, 0.99))
        self.critic_optimiser = torch.optim.Adam(self.critic.parameters(), lr=settings.critic_rate)
        self.rng = random.Random(settings.seed)
        self.generator = torch.Generator().manual_seed(settings.seed)
        rng = random.Random(settings.seed + 1000)
        self.validation = [make_problem(rng) for _ in range(settings.validation)]

    def text(self, ids):
        return self.tokenizer.decode(i for i in ids if i != END)

    def roll_out(self):
        """Samples a batch: (batch, rollouts with rewards and advantages)."""
        settings, rollouts = self.settings, []
        problems = [make_problem(self.rng) for _ in range(settings.groups)]
        prompts = [self.tokenizer.encode(prompt_text(p)) for p in problems for _ in range(settings.samples)]
        batch = sample(self.policy, prompts, settings.limit, self.generator)
        for g, problem in enumerate(problems):
            uid = str(uuid.UUID(int=self.rng.getrandbits(128), version=4))
            for place in range(settings.samples):
                row = g * settings.samples + place
                ids, ended = batch.response_ids(row), batch.ended[row]
                rewards = self.reward(problem, self.text(ids), ended)
                rollouts.append(Rollout(problem, self.text(ids), ids, ended, rewards, g, place, uid))
            group = rollouts[-settings.samples:]
            for rollout, advantage in zip(group, group_advantages([r.reward for r in group])):
                rollout.advantage = advantage
        return batch, rollouts

    @torch.no_grad()
    def measure(self, batch, rollouts):
        """The tokens' numbers before the update, also put on the rollouts."""
        old, entropy, _ = token_scores(self.policy, batch)
        reference, reference_entropy, features = token_scores(self.reference, batch)
        inputs = critic_inputs(features, reference, reference_entropy)
        columns = {"logprobs": batch.logprobs, "ref_logprobs": reference, "values": self.critic(inputs),
                   "entropy": entropy}
        for row, rollout in enumerate(rollouts):
            length = len(rollout.ids)
            rollout.columns = {name: column[row, :length].tolist() for name, column in columns.items()}
        return {**columns, "old": old, "inputs": inputs, "mask": batch.mask,
                "advantages": torch.tensor([r.advantage for r in rollouts])[:, None],
                "returns": torch.tensor([r.reward for r in rollouts])[:, None].expand_as(old)}

    def update_critic(self, numbers):
        """One pass of the critic over a batch."""
        rows, mask = [], numbers["mask"]
        for part in self.parts(len(mask)):
            error = self.critic(numbers["inputs"][part]) - numbers["returns"][part]
            loss = 0.5 * masked_mean(error.square(), mask[part])
            norm = descend(self.critic, self.critic_optimiser, loss)
            rows.append({"critic/vf_loss": loss.item(), "critic/grad_norm": norm})
        return averages(rows)

    def update_actor(self, batch, numbers):
        """One pass of the policy over the batch."""
        rows = []
        for part in self.parts(len(batch.ids)):
            logprobs, _, _ = token_scores(self.policy, batch.take(part))
            loss, row = policy_loss(logprobs, numbers["old"][part], numbers["ref_logprobs"][part],
                                    numbers["advantages"][part], batch.mask[part], self.settings)
            rows.append({**row, "actor/grad_norm": descend(self.policy, self.actor_optimiser, loss)})
        rate = self.actor_optimiser.param_groups[0]["lr"]
        return {**averages(rows), "actor/lr": rate, "actor/kl_coef": self.settings.kl}

    def parts(self, count):
        """The batch's rows in random minibatches."""
        order = torch.randperm(count, generator=self.generator).tolist()
        size = count // self.settings.minibatches
        return [order[i:i + size] for i in range(0, count, size)]

    def validate(self):
        """Accuracy of greedy responses to problems kept apart."""
        prompts = [self.tokenizer.encode(prompt_text(p)) for p in self.validation]
        batch = sample(self.policy, prompts, self.settings.limit, greedy=True)
        right = [is_correct(p, self.text(batch.response_ids(i)), batch.ended[i]) for i, p in enumerate(self.validation)]
        return {"val-core/word-problems/acc/mean@1": mean(map(float, right))}

    def batch_metrics(self, rollouts, numbers):
        """What verl logs of a batch before the update."""
        mask = numbers["mask"].bool()
        values, returns = numbers["values"][mask], numbers["returns"][mask]
        explained = 1 - (returns - values).var() / (returns.var() + 1e-5)
        lengths, rewards = [float(len(r.ids)) for r in rollouts], [r.reward for r in rollouts]
        parts = {f"critic/{name}/mean": mean(r.rewards[name] for r in rollouts) for name in rollouts[0].rewards
                 if name != "correct"}
        return {**spread("critic/score", rewards), **spread("critic/rewards", rewards),
                **spread("critic/advantages", numbers["advantages"].expand_as(mask)[mask].tolist()),
                **spread("critic/returns", returns.tolist()), **spread("critic/values", values.tolist()),
                "critic/vf_explained_var": explained.item(),
                "critic/correct/mean": mean(float(r.success) for r in rollouts), **parts,
                "actor/entropy": numbers["entropy"][mask].mean().item(), **spread("response_length", lengths),
                "response_length/clip_ratio": mean(float(not r.ended) for r in rollouts)}

    def warm_up_critic(self):
        """Trains the critic alone on batches of the start policy, several times over."""
        batches = [self.measure(*self.roll_out()) for _ in range(self.settings.critic_warmup)]
        for epoch in range(self.settings.critic_epochs):
            losses = [self.update_critic(numbers)["critic/vf_loss"] for numbers in batches]
            print(f"{self.settings.name}: critic, epoch {epoch + 1}: loss {mean(losses):.4f}", flush=True)

    def train_step(self):
        """One train step: (rollouts, metrics)."""
        began = time.time()
        batch, rollouts = self.roll_out()
        generated = time.time()
        numbers = self.measure(batch, rollouts)
        metrics = {**self.batch_metrics(rollouts, numbers), **self.update_critic(numbers),
                   **self.update_actor(batch, numbers)}
        seconds = time.time() - began
        metrics.update({"timing_s/gen": generated - began, "timing_s/step": seconds,
                        "perf/throughput": sum(len(r.ids) for r in rollouts) / seconds})
        return rollouts, metrics

    def run(self, log):
        """All train steps; the first, every `log_every`th and the last leave their rollouts."""
        settings = self.settings
        self.warm_up_critic()
        log.add_metrics(0, self.validate())
        for step in range(1, settings.steps + 1):
            done = (step - 1) / settings.steps
            self.actor_optimiser.param_groups[0]["lr"] = settings.rate * (1 - (1 - settings.final) * done)
            rollouts, metrics = self.train_step()
            if step % settings.validate_every == 0 or step == settings.steps:
                metrics.update(self.validate())
            log.add_metrics(step, metrics)
            if step == 1 or step % settings.log_every == 0 or step == settings.steps:
                log.add_rollouts(step, rollouts)
            print(f"{settings.name} {step}/{settings.steps}: reward {metrics['critic/score/mean']:.3f},"
                  f" right {metrics['critic/correct/mean']:.3f}, length {metrics['response_length/mean']:.1f},"
                  f" kl {metrics['actor/kl_loss']:.4f}, {metrics['timing_s/step']:.1f} s", flush=True)
        log.close()
