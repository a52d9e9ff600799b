"""What the fixtures do not show: checkpoints are read by their names, and a cached graph's numbers are those of a whole one."""
import json
import os
import struct
import subprocess
import sys
import tempfile
import unittest

import numpy as np
import torch
from torch import nn

try:
    import onnx
    from onnx import TensorProto, helper, numpy_helper
except ImportError:
    onnx = None

import checkpoint
import qwen_prm
import value_head
from heads import Cached, EachPosition
from model_folder import write_json
from tiny_decoder import Decoder, frequencies, randomize, tiny_config

HERE = os.path.dirname(os.path.abspath(__file__))
IDS = torch.arange(14).reshape(1, 14) * 5 % 90


def saved(folder, config, decoder, **more):
    """A checkpoint as save_pretrained() writes it."""
    write_json(os.path.join(folder, "config.json"), config)
    weights = {f"model.{name}": weight for name, weight in decoder.state_dict().items()}
    checkpoint.write_safetensors(os.path.join(folder, "model.safetensors"), {**weights, **more})
    with open(os.path.join(folder, "tokenizer.json"), "w", encoding="utf-8") as file:
        json.dump(qwen_prm.tiny()[1]["tokenizer.json"], file)


class Checkpoints(unittest.TestCase):
    def test_a_process_reward_model_is_read_back(self):
        config = {**qwen_prm.tiny()[0], "tie_word_embeddings": False}
        module = qwen_prm.build(config, None)[0].module
        heads = {f"score.{name}": weight for name, weight in module.score.state_dict().items()}
        with tempfile.TemporaryDirectory() as folder:
            saved(folder, config, module.decoder, **heads)
            again = qwen_prm.build(checkpoint.read_config(folder), checkpoint.read_weights(folder))[0].module
            out = os.path.join(folder, "out")
            subprocess.run([sys.executable, "-W", "ignore", os.path.join(HERE, "qwen_prm.py"), "--checkpoint", folder, "--out", out,
                            "--id", "mine"], check=True, stdout=subprocess.DEVNULL)
            self.assertEqual({"model.onnx", "config.json", "tokenizer.json", "rewardlens.model.json"}, set(os.listdir(out)))
            with open(os.path.join(out, "rewardlens.model.json"), encoding="utf-8") as file:
                self.assertEqual("mine", json.load(file)["id"])
        mask = torch.ones_like(IDS)
        self.assertTrue(torch.equal(module(IDS, mask), again(IDS, mask)))

    def test_value_heads_are_found_by_any_of_their_names(self):
        config = tiny_config("llama", 90)
        decoder = randomize(Decoder(config), 3)
        for name in value_head.NAMES:
            layer = randomize(nn.Linear(config["hidden_size"], 1), 4)
            with tempfile.TemporaryDirectory() as folder:
                saved(folder, config, decoder, **{f"{name}.weight": layer.weight, f"{name}.bias": layer.bias})
                found = checkpoint.linear(checkpoint.read_weights(folder), *value_head.NAMES)
            self.assertTrue(torch.equal(layer.weight, found.weight) and torch.equal(layer.bias, found.bias))

    def test_what_cannot_be_read_is_named(self):
        config = tiny_config("llama", 90)
        with tempfile.TemporaryDirectory() as folder:
            with self.assertRaisesRegex(checkpoint.CheckpointError, "config.json is missing"):
                checkpoint.read_config(folder)
            saved(folder, config, randomize(Decoder(config), 3))
            weights = checkpoint.read_weights(folder)
            with self.assertRaisesRegex(checkpoint.CheckpointError, "none of value_head.weight"):
                checkpoint.linear(weights, *value_head.NAMES)
            del weights["model.layers.1.mlp.up_proj.weight"]
            with self.assertRaisesRegex(checkpoint.CheckpointError, "lacks model.layers.1.mlp.up_proj.weight"):
                checkpoint.load_decoder(config, weights)
        with self.assertRaisesRegex(ValueError, "gpt2"):
            Decoder({**config, "model_type": "gpt2"})

    def test_half_precision_weights_are_widened(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "a.safetensors")
            numbers = torch.tensor([1.5, -2.25]).to(torch.bfloat16)
            header = json.dumps({"x": {"dtype": "BF16", "shape": [2], "data_offsets": [0, 4]}, "__metadata__": {"format": "pt"}}).encode()
            with open(path, "wb") as file:
                file.write(struct.pack("<Q", len(header)) + header + bytes(numbers.view(torch.int16).numpy().tobytes()))
            self.assertEqual([1.5, -2.25], checkpoint.read_weights(folder)["x"].tolist())


class Graphs(unittest.TestCase):
    def test_what_is_computed_behind_a_past_is_what_the_whole_text_gives(self):
        for kind in ("qwen2", "llama", "mistral"):
            config = tiny_config(kind, 90, sliding_window=6)
            module = randomize(EachPosition(Decoder(config), nn.Linear(config["hidden_size"], 2)), 5)
            cached = Cached(module.decoder, module.score)
            with torch.no_grad():
                whole = module(IDS, torch.ones_like(IDS))
                none = [torch.zeros(1, 2, 0, 4)] * 4
                first, *past = cached(IDS[:, :9], torch.ones(1, 9), *none)
                second = cached(IDS[:, 9:], torch.ones(1, 14), *past)[0]
            self.assertTrue(torch.allclose(whole, torch.cat([first, second], 1), atol=1e-6), kind)

    def test_a_window_hides_what_is_far_of_mistral_alone(self):
        changed = IDS.clone()
        changed[0, 0] = 77
        mask = torch.ones_like(IDS)
        for kind, is_seen in (("mistral", False), ("qwen2", True), ("llama", True)):
            # Two layers of a window of 6 see 11 positions.
            config = tiny_config(kind, 90, sliding_window=None if kind == "llama" else 6)
            decoder = randomize(Decoder(config), 6)
            with torch.no_grad():
                last = [decoder(ids, mask).states[0, -1] for ids in (IDS, changed)]
            self.assertEqual(is_seen, not torch.equal(*last), kind)

    def test_llama_3_slows_slow_rotations_down(self):
        scaling = {"rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
                   "original_max_position_embeddings": 8192}
        config = {"rope_theta": 500000.0}
        plain, slowed = frequencies(config, 128), frequencies({**config, "rope_scaling": scaling}, 128)
        # Waves shorter than 8192 / 4 tokens stay, those longer than 8192 are eight times as long.
        waves = 2 * torch.pi / plain
        self.assertTrue(torch.allclose(plain[waves < 2048], slowed[waves < 2048]))
        self.assertTrue(torch.allclose(plain[waves > 8192] / 8, slowed[waves > 8192]))
        with self.assertRaisesRegex(ValueError, "yarn"):
            frequencies({"rope_scaling": {"type": "yarn"}}, 16)


@unittest.skipIf(onnx is None, "needs python3-onnx")
class Quantised(unittest.TestCase):
    FIXTURES = os.path.join(HERE, "..", "..", "test", "fixtures")

    def graph(self, nodes, weights, opset=13):
        """A model of one input x [n, rows] and one output y."""
        value = helper.make_tensor_value_info
        return helper.make_model(
            helper.make_graph(nodes, "g", [value("x", TensorProto.FLOAT, ["n", None])], [value("y", TensorProto.FLOAT, ["n", None])],
                              [numpy_helper.from_array(w, name) for name, w in weights.items()]),
            opset_imports=[helper.make_opsetid("", opset)])

    def run_on(self, folder, *more):
        return subprocess.run([sys.executable, os.path.join(HERE, "quantize.py"), folder, *more], text=True, capture_output=True)

    def test_a_column_is_rounded_by_its_own_largest_number(self):
        import quantize
        q, scale = quantize.rounded(np.array([[1, 0, 3], [-2, 0, -1], [0.5, 0, 0]], np.float32), "w")
        # 127 / 2 = 63.5 goes to the even 64, 127 / 4 = 31.75 to 32, 127 / 3 = 42.33 to 42.
        self.assertEqual([[64, 0, 127], [-127, 0, -42], [32, 0, 0]], numpy_helper.to_array(q).tolist())
        self.assertTrue(np.allclose([2 / 127, 1, 3 / 127], numpy_helper.to_array(scale)))

    def test_products_with_weights_are_taken_and_no_others(self):
        import quantize
        wide = np.ones((20, 20), np.float32)
        model = self.graph(
            [helper.make_node("MatMul", ["x", "a"], ["h"]), helper.make_node("Gemm", ["h", "b", "bias"], ["i"], transB=1),
             helper.make_node("MatMul", ["i", "a"], ["j"]), helper.make_node("Gemm", ["j", "b"], ["k"], alpha=2.0),
             helper.make_node("MatMul", ["k", "k"], ["l"]), helper.make_node("MatMul", ["l", "narrow"], ["y"])],
            {"a": wide, "b": np.arange(480, dtype=np.float32).reshape(24, 20), "bias": np.ones(24, np.float32),
             "narrow": np.ones((20, 2), np.float32)})
        taken, left = quantize.quantised(model)
        self.assertEqual(3, taken)
        self.assertEqual({"a Gemm that scales or transposes its input": 1, "fewer than 16 columns": 1}, dict(left))
        kinds = [node.op_type for node in model.graph.node]
        self.assertEqual((3, 2, 1), (kinds.count("MatMulInteger"), kinds.count("MatMul"), kinds.count("Gemm")))
        # One copy of a weight that two products read; "b" stays for the Gemm that scales.
        self.assertEqual({"a.q", "a.s", "b", "b.t.q", "b.t.s", "bias", "narrow"}, {one.name for one in model.graph.initializer})
        turned = next(one for one in model.graph.initializer if one.name == "b.t.q")
        self.assertEqual((20, 24), tuple(turned.dims))
        self.assertEqual(["i.p", "bias"], list(next(node for node in model.graph.node if node.op_type == "Add").input))
        onnx.checker.check_model(model)

    def test_weights_in_half_precision_behind_a_cast_are_taken(self):
        import quantize
        cast = helper.make_node("Cast", ["a"], ["wide"], to=TensorProto.FLOAT)
        tied = helper.make_node("Cast", ["b"], ["both"], to=TensorProto.FLOAT)
        nodes = [cast, tied, helper.make_node("MatMul", ["x", "wide"], ["h"]), helper.make_node("MatMul", ["h", "both"], ["i"]),
                 helper.make_node("Add", ["i", "both"], ["y"])]
        half = np.linspace(-1, 1, 400).astype(np.float16).reshape(20, 20)
        model = self.graph(nodes, {"a": half, "b": half})
        self.assertEqual((2, {}), quantize.quantised(model))
        # The Cast and the weight that nothing else reads are gone.
        self.assertEqual([["both"]], [list(node.output) for node in model.graph.node if node.op_type == "Cast" and node.input[0] in "ab"])
        self.assertEqual({"b", "wide.q", "wide.s", "both.q", "both.s"}, {one.name for one in model.graph.initializer})
        onnx.checker.check_model(model)

    def test_the_fixture_is_what_the_script_writes(self):
        with tempfile.TemporaryDirectory() as folder:
            exact = os.path.join(self.FIXTURES, "models", "qwenPrm", "model.onnx")
            with open(exact, "rb") as file, open(os.path.join(folder, "model.onnx"), "wb") as copy:
                copy.write(file.read())
            ran = self.run_on(folder)
            self.assertEqual((0, ""), (ran.returncode, ran.stderr))
            self.assertIn("11 products in int8, 5 left (fewer than 16 columns)", ran.stdout)
            made, kept = (onnx.load(path) for path in (os.path.join(folder, "model_int8.onnx"),
                                                       os.path.join(self.FIXTURES, "quantizedPrm", "model_int8.onnx")))
            self.assertEqual(kept.SerializeToString(deterministic=True), made.SerializeToString(deterministic=True))
            again = self.run_on(folder)
            self.assertEqual(1, again.returncode)
            self.assertIn("model_int8.onnx: is there already. --force", again.stderr)
            self.assertEqual(0, self.run_on(folder, "--force").returncode)

    def test_weights_beside_the_graph_are_read_and_those_elsewhere_refused(self):
        wide = np.linspace(-1, 1, 400, dtype=np.float32).reshape(20, 20)
        model = self.graph([helper.make_node("MatMul", ["x", "a"], ["y"])], {"a": wide})
        with tempfile.TemporaryDirectory() as folder:
            inside = os.path.join(folder, "onnx")
            os.mkdir(inside)
            path = os.path.join(inside, "model.onnx")
            onnx.save(model, path, save_as_external_data=True, location="model.onnx_data", size_threshold=0)
            ran = self.run_on(folder)
            self.assertEqual((0, ""), (ran.returncode, ran.stderr))
            made = onnx.load(os.path.join(inside, "model_int8.onnx"), load_external_data=False)
            q = next(one for one in made.graph.initializer if one.name == "a.q")
            self.assertEqual(127, np.abs(numpy_helper.to_array(q).astype(int)).max())
            written = onnx.load(path, load_external_data=False)
            written.graph.initializer[0].external_data[0].value = "../elsewhere"
            onnx.save(written, path)
            self.assertIn("outside its folder", self.run_on(folder, "--force").stderr)

    def test_what_cannot_be_quantised_is_said(self):
        wide = np.ones((20, 20), np.float32)
        product = [helper.make_node("MatMul", ["x", "a"], ["y"])]
        half = [helper.make_node("Cast", ["x"], ["h"], to=TensorProto.FLOAT16), helper.make_node("MatMul", ["h", "a"], ["y"])]
        for model, words in (
            (None, "holds no model.onnx, nor onnx/model.onnx"),
            (self.graph(product, {"a": wide}, opset=9), "opset 9. Export it again in opset 11"),
            (self.graph(half, {"a": wide.astype(np.float16)}), "nothing to quantise (1 not in float32)"),
            (self.graph([helper.make_node("MatMul", ["x", "x"], ["y"])], {}), "no MatMul or Gemm has a weight"),
        ):
            with tempfile.TemporaryDirectory() as folder:
                if model is not None:
                    onnx.save(model, os.path.join(folder, "model.onnx"))
                ran = self.run_on(folder)
                self.assertEqual(1, ran.returncode)
                self.assertIn(words, ran.stderr)
                self.assertNotIn("Traceback", ran.stderr)
                self.assertNotIn("model_int8.onnx", os.listdir(folder))


if __name__ == "__main__":
    unittest.main()
