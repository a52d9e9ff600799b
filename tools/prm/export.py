"""Rounds the weights to half precision and writes model.onnx, config.json and the manifest: `python3 export.py WORK OUT`."""
import json
import os
import shutil
import sys

import numpy
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper

from model import StepModel
from tokenizer import Tokenizer

SMALLEST = 256   # weights with fewer numbers stay in single precision
LONGEST = 1024
DOC = ("A process reward model of about a million weights that judges the arithmetic and the simple algebra of short English word problems, "
       "step by step; it knows nothing else.")


def rounded(weights):
    """All weights as the shipped file holds them: large ones rounded to half precision."""
    return {name: value.half().float() if value.is_floating_point() and value.numel() >= SMALLEST else value
            for name, value in weights.items()}


def load(work):
    """The trained model with rounded weights, its tokenizer, and the facts of its training."""
    tokenizer = Tokenizer.load(os.path.join(work, "tokenizer.json"))
    saved = torch.load(os.path.join(work, "model.pt"))
    model = StepModel(tokenizer.texts())
    model.load_state_dict(rounded(saved["model"]))
    return model.eval(), tokenizer, saved["facts"]


def export(model, path):
    """The graph with dynamic batch and sequence."""
    ids = torch.randint(14, 900, (2, 41))
    ids[0, 5] = ids[1, 9] = 3
    ids[0, 20] = ids[1, 30] = 2
    ids[:, 11:14] = torch.randint(4, 14, (2, 3))
    axes = {0: "batch_size", 1: "sequence_length"}
    with torch.no_grad():
        torch.onnx.export(model, (ids, torch.ones_like(ids)), path, input_names=["input_ids", "attention_mask"], output_names=["logits"],
                          dynamic_axes={name: axes for name in ("input_ids", "attention_mask", "logits")}, opset_version=17,
                          do_constant_folding=True)


def shrink(path):
    """Stores large weights in half precision, followed by a Cast: the numbers computed with stay the same."""
    model = onnx.load(path)
    casts = []
    for weight in list(model.graph.initializer):
        if weight.data_type != TensorProto.FLOAT or numpy.prod(weight.dims) < SMALLEST:
            continue
        values = numpy_helper.to_array(weight)
        half = values.astype(numpy.float16)
        if not numpy.array_equal(half.astype(numpy.float32), values):
            raise ValueError(f"{weight.name} is not rounded")
        model.graph.initializer.remove(weight)
        model.graph.initializer.append(numpy_helper.from_array(half, weight.name + "_half"))
        casts.append(helper.make_node("Cast", [weight.name + "_half"], [weight.name], to=TensorProto.FLOAT))
    nodes = casts + list(model.graph.node)
    del model.graph.node[:]
    model.graph.node.extend(nodes)
    share(model.graph)
    shorten(model.graph)
    onnx.checker.check_model(model)
    onnx.save(model, path)


def share(graph):
    """Computes only once what the exporter wrote several times."""
    first, same, kept = {}, {}, []
    outputs = {value.name for value in graph.output}
    for node in graph.node:
        node.input[:] = [same.get(name, name) for name in node.input]
        key = (node.op_type, tuple(node.input), *sorted(attribute.SerializeToString() for attribute in node.attribute))
        if key in first and not outputs & set(node.output):
            same.update(zip(node.output, first[key]))
        else:
            first.setdefault(key, list(node.output))
            kept.append(node)
    del graph.node[:]
    graph.node.extend(kept)


def shorten(graph):
    """Short names for everything inside the graph: the long ones are a fifth of the file."""
    kept = {value.name for value in [*graph.input, *graph.output]}
    names = {}

    def short(name):
        return name if not name or name in kept else names.setdefault(name, f"v{len(names)}")

    for weight in graph.initializer:
        weight.name = short(weight.name)
    for node in graph.node:
        node.name, node.doc_string = "", ""
        node.input[:] = [short(name) for name in node.input]
        node.output[:] = [short(name) for name in node.output]
    del graph.value_info[:]


def write_json(path, content):
    with open(path, "w", encoding="utf-8") as file:
        json.dump(content, file, ensure_ascii=False, indent=2)
        file.write("\n")


def write_texts(model, out):
    """config.json, tokenizer_config.json and rewardlens.model.json."""
    width = model.embed.weight.shape[1]
    labels = ["wrong", "right"]
    write_json(os.path.join(out, "config.json"), {
        "architectures": ["ArithmeticStepModelForTokenClassification"], "model_type": "arithmetic_step_model", "num_labels": 2,
        "id2label": dict(enumerate(labels)), "label2id": {label: index for index, label in enumerate(labels)},
        "vocab_size": model.embed.weight.shape[0], "hidden_size": width, "num_hidden_layers": len(model.blocks),
        "num_attention_heads": model.blocks[0].heads, "intermediate_size": 4 * width, "hidden_act": "relu",
        "max_position_embeddings": LONGEST, "pad_token_id": 0, "bos_token_id": 1, "torch_dtype": "float32"})
    write_json(os.path.join(out, "tokenizer_config.json"), {
        "tokenizer_class": "PreTrainedTokenizerFast", "pad_token": "<pad>", "bos_token": "<bos>", "clean_up_tokenization_spaces": False,
        "model_max_length": LONGEST})
    write_json(os.path.join(out, "rewardlens.model.json"), {
        "schema": "rewardlens.model/1", "id": "arithmetic-starter", "label": "Arithmetic starter", "license": "MIT", "doc": DOC,
        "head": "tokenClassification", "files": {"model": "model.onnx", "tokenizer": "tokenizer.json"},
        "template": {"before": [{"token": "<bos>"}, "{prompt}", {"token": "<sol>"}], "eachStep": ["{step}", {"token": "<step>"}]},
        "read": {"at": "mark", "mark": "<step>", "offset": 0}, "output": {"name": "logits", "transform": "softmax", "index": 1},
        "tokenScores": True, "range": [0, 1], "threshold": 0.5, "inputs": {"ids": "input_ids", "mask": "attention_mask"},
        "limits": {"maxTokens": LONGEST}})


def main():
    work, out = sys.argv[1:3]
    model, _, _ = load(work)
    path = os.path.join(out, "model.onnx")
    export(model, path)
    shrink(path)
    shutil.copyfile(os.path.join(work, "tokenizer.json"), os.path.join(out, "tokenizer.json"))
    write_texts(model, out)
    print(f"{path}: {os.path.getsize(path) / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
