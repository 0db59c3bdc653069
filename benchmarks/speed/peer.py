"""onnxruntime, where it is installed: a surface's network as a graph, run on one thread."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import numpy as np

from benchmarks.speed.play import BATCH

NEEDED = ("onnx", "onnxruntime")


def absent() -> list[str]:
    """Those of the packages needed that are not installed."""
    return [name for name in NEEDED if find_spec(name) is None]


def network(surface: Any, kind: str) -> Callable[[], Any]:
    """A call that puts a batch through the layers alone: no scaling of inputs and outputs."""
    ort = import_module("onnxruntime")
    options = ort.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = ort.InferenceSession(_graph(surface, np.dtype(kind)), options)
    x = np.random.default_rng(0).normal(size=(BATCH, surface.weights[0].shape[1])).astype(kind)
    return lambda: session.run(None, {"x": x})


def _graph(surface: Any, dtype: np.dtype[Any]) -> bytes:
    """The layers as a serialised ONNX model of input "x" [n, inputs]."""
    onnx = import_module("onnx")
    helper, nodes, constants, at = onnx.helper, [], [], "x"
    layers = list(zip(surface.weights, surface.biases, strict=True))
    for i, (weight, bias) in enumerate(layers):
        for name, array in ((f"w{i}", weight.T), (f"b{i}", bias)):
            array = np.ascontiguousarray(array, dtype=dtype)
            constants.append(onnx.numpy_helper.from_array(array, name))
        nodes.append(helper.make_node("Gemm", [at, f"w{i}", f"b{i}"], [f"z{i}"]))
        at = f"z{i}"
        if i < len(layers) - 1:
            nodes.append(helper.make_node("Relu", [at], [f"h{i}"]))
            at = f"h{i}"
    of = helper.np_dtype_to_tensor_dtype(dtype)
    value = helper.make_tensor_value_info
    inputs, outputs = layers[0][0].shape[1], layers[-1][0].shape[0]
    graph = helper.make_graph(
        nodes, "network", [value("x", of, [None, inputs])], [value(at, of, [None, outputs])],
        constants,
    )  # fmt: skip
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)])
    model.ir_version = 8
    return model.SerializeToString()
