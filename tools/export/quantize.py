"""Writes model_int8.onnx beside model.onnx: weights of MatMul and Gemm in int8 by column, activations in uint8 as they come.

    python3 tools/export/quantize.py FOLDER            # FOLDER/model.onnx or FOLDER/onnx/model.onnx
    python3 tools/export/quantize.py FOLDER --force    # in the place of a model_int8.onnx that is there

Needs python3-onnx (Debian); torch is not needed. Whether the scores are as good is another question:
`rewardlens models FOLDER --compare LOG` answers it.
"""
import argparse
import os
import sys
from collections import Counter

import numpy as np
from onnx import TensorProto, external_data_helper, helper, load, numpy_helper, save

# A head of fewer columns has next to no weights to save, and its rounding would stand in every score.
FEWEST_COLUMNS = 16
# DynamicQuantizeLinear came with it.
OLDEST_OPSET = 11
# A protobuf ends at 2 GiB; weights beyond this stand in a file of their own.
MOST_BYTES = 1 << 30


class QuantizeError(Exception):
    """What keeps a model from being quantised, with the remedy."""


def quantised(model):
    """
    Quantises the model in place. Each weight w [rows, columns] becomes round(w / s) with s = max|w| / 127 of its column; its
    input is quantised by DynamicQuantizeLinear and multiplied by MatMulInteger, which onnxruntime fuses.
    @returns how many products were taken, and a count of those that were not, by reason
    """
    graph = model.graph
    weights = weights_of(graph)
    made, nodes, taken, left = {}, [], 0, Counter()
    for node in graph.node:
        if node.op_type not in ("MatMul", "Gemm"):
            nodes.append(node)
            continue
        reason = reason_to_leave(node, weights)
        if reason is not None:
            nodes.append(node)
            left[reason] += reason != ""
            continue
        taken += 1
        turned = attribute(node, "transB", 0) == 1
        key = (node.input[1], turned)
        if key not in made:
            made[key] = name = node.input[1] + (".t" if turned else "")
            w = numpy_helper.to_array(weights[node.input[1]]).astype(np.float32)
            graph.initializer.extend(rounded(w.T if turned else w, name))
        nodes += product(node, made[key])
    del graph.node[:]
    graph.node.extend(nodes)
    drop_unused(graph, weights, {name for name, _ in made})
    return taken, +left


def weights_of(graph):
    """Weights by the names products call them: a float32 graph may keep them in half precision, behind a Cast."""
    inputs = {one.name for one in graph.input}
    weights = {one.name: one for one in graph.initializer if one.name not in inputs}
    casts = [node for node in graph.node if node.op_type == "Cast" and attribute(node, "to", 0) == TensorProto.FLOAT]
    widened = {node.output[0]: weights[node.input[0]] for node in casts if node.input[0] in weights}
    return {**weights, **{name: one for name, one in widened.items() if one.data_type == TensorProto.FLOAT16}}


def reason_to_leave(node, weights):
    """Why a product stays as it is; "" where it has no weight, None where it is taken."""
    weight = weights.get(node.input[1])
    if weight is None:
        return ""
    if weight.data_type != TensorProto.FLOAT and weight.name == node.input[1]:
        return "not in float32"
    if len(weight.dims) != 2:
        return "not a matrix"
    if node.op_type == "Gemm" and (attribute(node, "transA", 0), attribute(node, "alpha", 1.0), attribute(node, "beta", 1.0)) != (0, 1, 1):
        return "a Gemm that scales or transposes its input"
    columns = weight.dims[0 if attribute(node, "transB", 0) == 1 else 1]
    return f"fewer than {FEWEST_COLUMNS} columns" if columns < FEWEST_COLUMNS else None


def attribute(node, name, default):
    found = [one for one in node.attribute if one.name == name]
    return helper.get_attribute_value(found[0]) if found else default


def rounded(w, name):
    largest = np.abs(w).max(0)
    # A column of zeros has any scale.
    scale = np.where(largest > 0, largest / 127, 1).astype(np.float32)
    whole = np.clip(np.round(w / scale), -127, 127).astype(np.int8)
    return [numpy_helper.from_array(np.ascontiguousarray(whole), f"{name}.q"), numpy_helper.from_array(scale, f"{name}.s")]


def product(node, weight):
    """Nodes that take the place of a MatMul, or of a Gemm and its bias."""
    name = node.output[0]
    bias = node.input[2] if len(node.input) > 2 and node.input[2] else None
    result = name if bias is None else f"{name}.p"
    nodes = [
        helper.make_node("DynamicQuantizeLinear", [node.input[0]], [f"{name}.x", f"{name}.xs", f"{name}.xz"]),
        helper.make_node("MatMulInteger", [f"{name}.x", f"{weight}.q", f"{name}.xz"], [f"{name}.i"]),
        helper.make_node("Cast", [f"{name}.i"], [f"{name}.f"], to=TensorProto.FLOAT),
        helper.make_node("Mul", [f"{name}.xs", f"{weight}.s"], [f"{name}.m"]),
        helper.make_node("Mul", [f"{name}.f", f"{name}.m"], [result]),
    ]
    return nodes if bias is None else [*nodes, helper.make_node("Add", [result, bias], [name])]


def drop_unused(graph, weights, names):
    """Weights that something else reads, too, as a tied embedding, stay."""
    used = {name for node in graph.node for name in node.input}
    for node in [node for node in graph.node if node.op_type == "Cast" and node.output[0] in names - used]:
        graph.node.remove(node)
    used = {name for node in graph.node for name in node.input}
    own = {weights[name].name for name in names}
    for one in [one for one in graph.initializer if one.name in own - used]:
        graph.initializer.remove(one)


def find(folder):
    """The folder that the exact graph lies in."""
    for inside in (folder, os.path.join(folder, "onnx")):
        if os.path.isfile(os.path.join(inside, "model.onnx")):
            return inside
    raise QuantizeError(f"{folder}: holds no model.onnx, nor onnx/model.onnx. Give a model's folder with its exact graph.")


def read(inside):
    """The exact graph with its weights, also those that lie beside it. @returns the model, and whether some do"""
    path = os.path.join(inside, "model.onnx")
    try:
        model = load(path, load_external_data=False)
    except Exception as error:  # protobuf's DecodeError has no place of its own in every version
        raise QuantizeError(f"{path}: is no ONNX file ({error}). Export it again.") from error
    outside = [one for one in model.graph.initializer if external_data_helper.uses_external_data(one)]
    for one in outside:
        location = external_data_helper.ExternalDataInfo(one).location
        if os.path.isabs(location) or ".." in location.replace("\\", "/").split("/"):
            raise QuantizeError(f"{path}: wants weights from {location!r}, outside its folder. Save the model again with its weights beside it.")
        if not os.path.isfile(os.path.join(inside, location)):
            raise QuantizeError(f"{os.path.join(inside, location)}: is missing; model.onnx holds its weights there. Put it beside the model.")
    external_data_helper.load_external_data_for_model(model, inside)
    opset = max((one.version for one in model.opset_import if one.domain in ("", "ai.onnx")), default=0)
    if opset < OLDEST_OPSET:
        raise QuantizeError(f"{path}: is written in opset {opset}. Export it again in opset {OLDEST_OPSET} or later.")
    return model, len(outside) > 0


def write(model, inside, force):
    """@returns bytes that were written"""
    path, beside = os.path.join(inside, "model_int8.onnx"), "model_int8.onnx_data"
    there = [one for one in (path, os.path.join(inside, beside)) if os.path.exists(one)]
    if there and not force:
        raise QuantizeError(f"{there[0]}: is there already. --force writes another in its place.")
    for one in there:
        # The weights of an earlier one would stay before the new ones.
        os.remove(one)
    is_large = model.ByteSize() > MOST_BYTES
    save(model, path, save_as_external_data=is_large, location=beside)
    return sum(os.path.getsize(os.path.join(inside, name)) for name in ("model_int8.onnx", beside) if os.path.exists(os.path.join(inside, name)))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder")
    parser.add_argument("--force", action="store_true", help="write in the place of a model_int8.onnx that is there")
    args = parser.parse_args()
    try:
        inside = find(args.folder)
        model, is_outside = read(inside)
        before = model.ByteSize()
        taken, left = quantised(model)
        if taken == 0:
            reasons = "; ".join(f"{n} {reason}" for reason, n in left.items()) or "no MatMul or Gemm has a weight"
            raise QuantizeError(f"{os.path.join(inside, 'model.onnx')}: has nothing to quantise ({reasons}). model_int8.onnx is not written.")
        after = write(model, inside, args.force)
    except QuantizeError as error:
        sys.exit(f"quantize.py: {error}")
    rest = "".join(f", {n} left ({reason})" for reason, n in left.items())
    print(f"{os.path.join(inside, 'model_int8.onnx')}: {taken} products in int8{rest}; {before / 1e6:.2f} MB became {after / 1e6:.2f} MB")
    if is_outside and after < MOST_BYTES:
        print("The weights that lay beside model.onnx are in the file itself.")
    print(f"Compare its scores before you use it: rewardlens models {args.folder} --compare LOG")


if __name__ == "__main__":
    main()
