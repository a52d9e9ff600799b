"""A decoder under the network of Qwen2.5-Math-PRM, which gives two labels at each position (`Qwen2ForProcessRewardModel`'s `score`)."""
from torch import nn

import checkpoint
from tiny_decoder import Decoder, randomize


def scored(wrap, config, weights, seed):
    """The model that `wrap` makes of both; of random weights where there are none."""
    if weights is None:
        width = config["hidden_size"]
        score = nn.Sequential(nn.Linear(width, width), nn.ReLU(), nn.Linear(width, 2))
        return randomize(wrap(Decoder(config), score), seed)
    score = nn.Sequential(checkpoint.linear(weights, "score.0"), nn.ReLU(), checkpoint.linear(weights, "score.2"))
    return wrap(checkpoint.load_decoder(config, weights), score).eval()
