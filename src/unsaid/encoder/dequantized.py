"""The encoder's network in 32 bits, made from the one in eight bits that the package holds.

A network in eight bits scales what it multiplies by the largest number of all that is read at once, so that a window
would be read otherwise beside other windows; and no GPU has these operations. Here its weights become the numbers that
they stand for, and what was scaled on the way stays as it is. It gets a second input, too: which wordpieces are to be
heeded, as windows of unlike lengths are filled up where they are read together.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from unsaid.errors import MissingExtra

if TYPE_CHECKING:
    from pathlib import Path


_HEEDED = "attended_as_int32"


def dequantized(file: Path, *, extra: str) -> bytes:
    """A network of ONNX without the operations that dynamic quantisation has put into it, and with ``attended``.

    It is made anew whenever it is opened: that takes a third of a second, and there is nothing to be kept.

    :param extra: has what this needs.
    :raises MissingExtra: if ONNX is not installed; :raises Exception: ONNX's own, if the file holds no network.
    """
    try:
        import onnx  # noqa: PLC0415 - only where a network is dequantised
        from onnx import helper, numpy_helper  # noqa: PLC0415
    except ModuleNotFoundError as error:
        raise MissingExtra("reading with the encoder in 32 bits", extra, str(error.name)) from error
    network = onnx.load(file)
    held = {tensor.name: tensor for tensor in network.graph.initializer}
    made: dict[str, Any] = {}
    for node in network.graph.node:
        if node.op_type == "DynamicQuantizeLinear":  # (x) -> x in eight bits, its scale, its zero
            made[node.output[1]] = numpy_helper.from_array(_one(), node.output[1])
            node.CopyFrom(helper.make_node("Identity", node.input, node.output[:1]))
        elif node.op_type == "MatMulInteger":  # (x, weights, x's zero, the weights' zero); the scales are multiplied in
            weights, zero = node.input[1], node.input[3]
            if weights not in made:
                made[weights] = numpy_helper.from_array(_widened(held[weights], held[zero]), weights)
            node.CopyFrom(helper.make_node("MatMul", node.input[:2], node.output))
        elif node.op_type == "MultiHeadAttention":  # (queries, keys, values, bias, which keys are there)
            node.input.extend([""] * (4 - len(node.input)) + [_HEEDED])
    network.graph.input.append(helper.make_tensor_value_info("attended", onnx.TensorProto.INT64, ["batch", "length"]))
    network.graph.node.insert(0, helper.make_node("Cast", ["attended"], [_HEEDED], to=onnx.TensorProto.INT32))
    kept = [tensor for tensor in network.graph.initializer if tensor.name not in made]
    del network.graph.initializer[:]
    network.graph.initializer.extend([*kept, *made.values()])
    del network.graph.value_info[:]  # the types of before; ONNX Runtime finds out by itself
    whole: bytes = network.SerializeToString()
    return whole


def _one() -> Any:
    import numpy as np  # noqa: PLC0415

    return np.array(1, dtype=np.float32)


def _widened(weights: Any, zero: Any) -> Any:
    import numpy as np  # noqa: PLC0415
    from onnx import numpy_helper  # noqa: PLC0415

    return numpy_helper.to_array(weights).astype(np.float32) - numpy_helper.to_array(zero).astype(np.float32)
