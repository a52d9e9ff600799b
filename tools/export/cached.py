"""Exports a model whose graph goes on from keys and values, so that a prompt many rollouts share is computed once.

Inputs past_key_values.{i}.key/value [batch, groups, past, width], outputs present.{i}.key/value.
"""
import torch

import manifests
from command import run
from fixture_tokenizers import qwen
from heads import Cached
from model_folder import Export, example
from step_score import scored
from tiny_decoder import tiny_config

PAST, BOTH = {0: "batch_size", 2: "past_sequence_length"}, {0: "batch_size", 1: "total_sequence_length"}
PRESENT = {0: "batch_size", 2: "total_sequence_length"}


def build(config, weights, options=None):
    module = scored(Cached, config, weights, 9)
    names = [f"{i}.{kind}" for i in range(config["num_hidden_layers"]) for kind in ("key", "value")]
    past, present = [f"past_key_values.{name}" for name in names], [f"present.{name}" for name in names]
    ids, mask = example(config["vocab_size"])
    held = torch.zeros(2, module.decoder.layers[0].self_attn.groups, 4, module.decoder.head_width)
    export = Export(module, ["logits", *present], ["input_ids", "attention_mask", *past],
                    {"attention_mask": BOTH, **{name: PAST for name in past}, **{name: PRESENT for name in present}},
                    [ids, torch.cat([torch.ones(2, 4, dtype=torch.int64), mask], 1), *[held] * len(past)])
    manifest = manifests.qwen_prm(config)
    return export, {**manifest, "inputs": {"past": "past_key_values"}}


def tiny(options=None):
    tokenizer = qwen()
    return tiny_config("qwen2", tokenizer.size), tokenizer.files


if __name__ == "__main__":
    run(__doc__, build, tiny)
