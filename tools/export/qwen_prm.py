"""Exports Qwen2.5-Math-PRM and its like (`Qwen2ForProcessRewardModel`): two labels at each <extra_0>."""
import manifests
from command import run
from fixture_tokenizers import qwen
from heads import EachPosition
from model_folder import Export
from step_score import scored
from tiny_decoder import tiny_config


def build(config, weights, options=None):
    return Export(scored(EachPosition, config, weights, 1), ["logits"]), manifests.qwen_prm(config)


def tiny(options=None):
    tokenizer = qwen()
    return tiny_config("qwen2", tokenizer.size, architectures=["Qwen2ForProcessRewardModel"], pad_token_id=tokenizer.special["<|endoftext|>"]), tokenizer.files


if __name__ == "__main__":
    run(__doc__, build, tiny)
