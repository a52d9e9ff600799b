"""Makes the sample runs: `train.py warm-up`, then `train.py grpo-run` and `train.py hacked-run`."""
import argparse
import tempfile
from pathlib import Path

import torch

from grpo import Settings
from logs import RunLog
from model import Transformer
from rewards import holed_reward, task_reward
from tokenizer import Tokenizer
from trainer import Trainer
from warmup import make_tokenizer, warm_up

SAMPLES = Path(__file__).resolve().parents[2] / "samples"
START = Path(tempfile.gettempdir()) / "rewardlens-sample-run" / "start.pt"
RUNS = {"grpo-run": (task_reward, Settings("grpo-run", steps=90)),
        "hacked-run": (holed_reward, Settings("hacked-run", steps=40, groups=6, limit=128, kl=0.0, rate=5e-5, final=1.0,
                                               seed=12))}


def save(policy, tokenizer, path):
    path.parent.mkdir(parents=True, exist_ok=True)
    torch.save({"policy": policy.state_dict(), "pieces": tokenizer.pieces}, path)


def load(path):
    """The start policy and its tokenizer."""
    stored, tokenizer = torch.load(path), Tokenizer([])
    tokenizer.pieces = stored["pieces"]
    tokenizer.ids = {piece: index for index, piece in enumerate(tokenizer.pieces) if piece}
    policy = Transformer(len(tokenizer))
    policy.load_state_dict(stored["policy"])
    return policy, tokenizer


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=["warm-up", *RUNS])
    parser.add_argument("--start", type=Path, default=START, help="where the start policy is kept")
    parser.add_argument("--out", type=Path, default=SAMPLES, help="the folder that gets the run's folder")
    parser.add_argument("--updates", type=int, default=1500, help="updates of the warm-up")
    options = parser.parse_args()
    torch.set_num_threads(1)
    if options.what == "warm-up":
        tokenizer = make_tokenizer()
        save(warm_up(tokenizer, options.updates), tokenizer, options.start)
        return
    reward, settings = RUNS[options.what]
    policy, tokenizer = load(options.start)
    torch.manual_seed(settings.seed)
    Trainer(policy, tokenizer, reward, settings).run(RunLog(options.out / settings.name, settings.name, tokenizer))


if __name__ == "__main__":
    main()
