"""Model files from someone who means harm, and what each must be answered.

Run as a program it reads them all, one after the other, under a memory limit, and writes
a JSON line for each: its name, the answer, and the computing time. Files are made when
they are needed, since some are large. Those that point outside themselves are read from
disk, beside what they point to.
"""

from __future__ import annotations

import gzip
import json
import os
import resource
import sys
import time
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from onnx import GraphProto, ModelProto, TensorProto, helper, numpy_helper

MEGABYTES = 512
SECRET = b"SECRET!!" * 4


class Case(NamedTuple):
    """A file and a part of the message it must be refused with; "" if it is read."""

    name: str
    make: Callable[[], bytes]
    message: str


def tensor(name: str, array: Any) -> TensorProto:
    return numpy_helper.from_array(np.asarray(array), name)


def weights(*numbers: float) -> TensorProto:
    return tensor("w", np.array([numbers], dtype=np.float32))


def model(
    *nodes: Any, constants: Any = (), opset: int = 13, inputs: Any = None, ir: int = 8
) -> ModelProto:
    """From `x` of shape (1, 1) to `y`."""
    graph = helper.make_graph(
        nodes, "g",
        inputs or [helper.make_tensor_value_info("x", 1, [1, 1])],
        [helper.make_tensor_value_info("y", 1, None)],
        constants,
    )  # fmt: skip
    opsets = [helper.make_opsetid("", opset)]
    return helper.make_model(graph, opset_imports=opsets, ir_version=ir)


def node(operator: str, *inputs: str, out: str = "y", **attributes: Any) -> Any:
    return helper.make_node(operator, inputs, [out], **attributes)


def nano() -> ModelProto:
    return model(
        node("MatMul", "x", "w", out="h"), node("Relu", "h"), constants=[weights(2.0)]
    )


def changed(change: Callable[[ModelProto], object]) -> Callable[[], bytes]:
    """The nano network after a change."""

    def make() -> bytes:
        made = nano()
        change(made)
        return bytes(made.SerializeToString())

    return make


def built(*nodes: Any, **more: Any) -> Callable[[], bytes]:
    return lambda: bytes(model(*nodes, **more).SerializeToString())


def weight(change: Callable[[TensorProto], object]) -> Callable[[], bytes]:
    return changed(lambda m: change(m.graph.initializer[0]))


def put(name: str, value: Any) -> Callable[[Any], None]:
    return lambda message: setattr(message, name, value)


def opset(version: int) -> Callable[[ModelProto], None]:
    return lambda m: setattr(m.opset_import[0], "version", version)


def field(number: int, content: bytes) -> bytes:
    """A length-delimited field as protobuf writes it."""
    return varint(number << 3 | 2) + varint(len(content)) + content


def varint(value: int) -> bytes:
    made = bytearray()
    while value > 127:
        made.append(value & 127 | 128)
        value >>= 7
    return bytes([*made, value])


def external(**entries: str) -> Callable[[], bytes]:
    def change(w: TensorProto) -> None:
        w.ClearField("raw_data")
        w.data_location = TensorProto.EXTERNAL
        for key, value in entries.items():
            w.external_data.add(key=key, value=value)

    return weight(change)


def _external() -> Iterator[Case]:
    inside = "keeps its data in another file, which is never opened"
    places = {
        "dotdot": "../secret.bin", "mid_dotdot": "a/../../secret.bin",
        "abs": "/etc/passwd", "symlink": "link.bin", "symdir": "linked/secret.bin",
        "hardlink": "hard.bin", "fifo": "fifo", "proc_environ": "/proc/self/environ",
        "dev_zero": "/dev/zero",
    }  # fmt: skip
    for name, location in places.items():
        yield Case(f"ext_{name}", external(location=location), inside)
    more = {
        "offset_neg": {"offset": "-8"}, "len_1e12": {"length": "1000000000000"},
        "attr_inject": {"__class__": "x", "basepath": "/"},
    }  # fmt: skip
    for name, entries in more.items():
        yield Case(f"ext_{name}", external(location="hard.bin", **entries), inside)

    def unmarked(w: TensorProto) -> None:
        w.external_data.add(key="location", value="hard.bin")

    yield Case("ext_beside_raw_data", weight(unmarked), inside)

    def constant(m: ModelProto) -> None:
        m.graph.node[0].CopyFrom(node("Constant", out="h", value=weights(1.0)))
        m.graph.node[0].attribute[0].t.data_location = TensorProto.EXTERNAL

    yield Case("ext_in_constant", changed(constant), inside)

    def sparse(m: ModelProto) -> None:
        made = m.graph.sparse_initializer.add(dims=[1, 1])
        made.values.CopyFrom(m.graph.initializer.pop())
        made.values.data_location = TensorProto.EXTERNAL
        made.values.external_data.add(key="location", value="hard.bin")

    yield Case("sparse_init_ext", changed(sparse), "is a sparse initialiser")

    def sparse_constant(m: ModelProto) -> None:
        made = node("Constant", out="h")
        attribute = made.attribute.add(name="sparse_value", type=11)
        attribute.sparse_tensor.values.data_location = TensorProto.EXTERNAL
        m.graph.node[0].CopyFrom(made)

    yield Case("const_sparse_ext", changed(sparse_constant), "is a sparse tensor")


def _dims(*dims: int) -> Callable[[], bytes]:
    def change(w: TensorProto) -> None:
        del w.dims[:]
        w.dims.extend(dims)

    return weight(change)


def _shapes() -> Iterator[Case]:
    many = "elements, more than"
    yield Case("dims_2p40", _dims(2**40), many)
    yield Case("dims_neg", _dims(-1), "has a negative dimension")
    yield Case("dims_neg_pair", _dims(-1, -1), "has a negative dimension")
    yield Case("dims_mul_overflow", _dims(2**32, 2**32), many)
    yield Case("dims_zero_huge", _dims(0, 2**62), many)
    yield Case("dims_too_few", _dims(2, 1), "has 1 numbers for the shape (2, 1)")
    yield Case("dims_none", _dims(), "MatMul has an input without dimensions")
    yield Case("rank_1e6", _dims(*[1] * 1_000_000), "has more than 1000000 fields")
    yield Case("rank_9", _dims(*[1] * 9), "has 9 dimensions, more than 8")

    def make() -> bytes:
        w = weights(2.0)
        w.ClearField("dims")
        content = field(1, b"\x01" * 1_000_000) + w.SerializeToString()
        made = nano()
        made.graph.ClearField("initializer")
        graph = made.graph.SerializeToString() + field(5, content)
        made.ClearField("graph")
        return bytes(made.SerializeToString() + field(7, graph))

    yield Case("rank_1e6_packed", make, "has 1000000 dimensions, more than 8")
    for name, dims, message in (
        ("input_2p40", [1, 2**40], many),
        ("input_zero", [1, 0], "is an input without elements"),
        ("input_dynamic", [1, -1], "is an input whose dimension 1 is not fixed"),
        ("input_symbolic", [1, "n"], "is an input whose dimension 1 is not fixed"),
        ("input_batch_minus_1", [-1, 1], ""),
        ("input_batch_symbolic", ["N", 1], ""),
        ("input_batch_open", [None, 1], ""),
    ):
        ports = [helper.make_tensor_value_info("x", 1, dims)]
        yield Case(name, built(node("Relu", "x"), inputs=ports), message)
    shapeless = [helper.make_tensor_value_info("x", 1, None)]
    yield Case(
        "input_shapeless", built(node("Relu", "x"), inputs=shapeless),
        "is an input without a shape",
    )  # fmt: skip
    wide = [helper.make_tensor_value_info(f"x{i}", 1, [2**22]) for i in range(40)]
    wide.append(helper.make_tensor_value_info("x", 1, [1]))
    yield Case("input_sum", built(node("Relu", "x"), inputs=wide), "inputs")
    shape = tensor("s", np.array([10**11], dtype=np.int64))
    big = built(
        node("ConstantOfShape", "s", out="c"), node("Add", "x", "c"), constants=[shape]
    )
    yield Case("constantofshape_1e11", big, many)
    doubling = [
        node("Concat", f"x{i}", f"x{i}", out=f"x{i + 1}", axis=1) for i in range(60)
    ]
    grown = built(node("Identity", "x", out="x0"), *doubling, node("Relu", "x60"))
    yield Case("concat_doubling", grown, "numbers, over")
    indices = tensor("i", np.zeros(3_000, dtype=np.int64))
    gathers = [
        node("Gather", "x", "i", out="a", axis=1),
        node("Gather", "a", "i", axis=0),
    ]
    yield Case("gather_repeats", built(*gathers, constants=[indices]), "numbers, over")
    squares = [node("Mul", f"c{i}", f"c{i}", out=f"c{i + 1}") for i in range(40)]
    bomb = built(
        *squares, node("Add", "x", "c40"), constants=[tensor("c0", np.float32(1.1))]
    )
    yield Case("bits_doubling", bomb, "a weight has more than 4096 bits")


def _names() -> Iterator[Case]:
    def twice(m: ModelProto) -> None:
        m.graph.initializer.append(weights(100.0))

    yield Case("dup_init", changed(twice), "is the name of two initialisers")
    relu = node("Relu", "x")
    yield Case("dup_node_output", built(relu, relu), "is made twice")
    yield Case("dup_input", built(relu, inputs=[helper.make_tensor_value_info("x", 1, [1])] * 2),
               "is the name of two inputs")  # fmt: skip
    both = [helper.make_tensor_value_info(name, 1, [1, 1]) for name in "xw"]
    product = node("MatMul", "x", "w")
    listed = {"constants": [weights(2.0)], "inputs": both}
    yield Case(
        "override_init", built(product, **listed), "so that a caller may replace it"
    )
    yield Case("override_init_ir3", built(product, **listed, ir=3), "")
    a, b = node("Add", "x", "b", out="a"), node("Relu", "a", out="b")
    yield Case(
        "cycle", built(a, b, node("Relu", "b")), "a cycle, or nodes out of order"
    )
    yield Case(
        "self_cycle", built(node("Add", "x", "y")), "a cycle, or nodes out of order"
    )
    yield Case("dangling", built(node("Add", "x", "nowhere")), "is made nowhere")
    yield Case(
        "output_dangling",
        built(node("Relu", "x", out="z")),
        "is an output that no node makes",
    )
    shadow = built(node("Relu", "x", out="w"), product, constants=[weights(2.0)])
    yield Case("shadowed_name", shadow, "is made twice")
    yield Case(
        "shadowed_input",
        built(node("Relu", "x", out="x"), node("Relu", "x")),
        "is made twice",
    )

    def outputs(m: ModelProto) -> None:
        m.graph.output.append(m.graph.output[0])

    yield Case("dup_output", changed(outputs), "lists an output twice")
    yield Case(
        "no_output",
        changed(lambda m: m.graph.ClearField("output")),
        "the graph has no output",
    )
    yield Case(
        "no_input",
        changed(lambda m: m.graph.ClearField("input")),
        "the graph has no input",
    )
    for name, title in (
        ("name_dots", "../../x"), ("name_escape", "\x1b[2J"), ("name_script", "</script>"),
        ("name_bidi", "\u202egnp"), ("name_nul", "a\0b"),
    ):  # fmt: skip
        made = built(node("Relu", "x", out=title), node("Relu", title))
        yield Case(name, made, "")
    long = "n" * 1_000_000
    yield Case(
        "name_1MB",
        built(node("Relu", "x", out=long), node("Relu", long)),
        "a name has 1000000 characters",
    )


def _structure() -> Iterator[Case]:
    raw = nano().SerializeToString()
    other = model(node("Neg", "x")).SerializeToString()
    yield Case(
        "two_models_concat", lambda: raw + other, "model.ir_version is given twice"
    )
    graph = model(node("Neg", "x")).graph.SerializeToString()
    yield Case(
        "second_graph", lambda: raw + field(7, graph), "model.graph is given twice"
    )
    yield Case("trailing_zero", lambda: raw + b"\0", "field 0 of model is unknown")
    yield Case("trailing_garbage", lambda: raw + b"garbage", "model")
    yield Case(
        "trailing_text", lambda: raw + field(99, b"x"), "field 99 of model is unknown"
    )
    yield Case("unknown_in_graph", changed(lambda m: m.graph.MergeFromString(field(77, b"x"))),
               "field 77 of model.graph is unknown")  # fmt: skip
    yield Case("empty", lambda: b"", "the file is empty")
    yield Case("empty_graph", lambda: field(7, b""), "IR version 0 is older")
    yield Case("no_graph", lambda: b"\x08\x08", "the file holds no graph")
    yield Case(
        "varint_overflow",
        lambda: raw + b"\x28" + b"\xff" * 10 + b"\x01",
        "more than 64 bits",
    )
    yield Case("varint_cut", lambda: raw + b"\x28\xff", "the file ends within model")
    yield Case("length_beyond", lambda: raw[:-1], "is longer than its message")
    yield Case("group", lambda: raw + b"\x2b", "has the wrong wire type")
    yield Case(
        "not_utf8",
        lambda: raw + field(6, b"\xff\xfe"),
        "model.doc_string is not UTF-8 text",
    )
    yield Case("doc_100MB", lambda: raw + field(6, b"d" * 100_000_000), "")
    metadata = field(14, field(1, b"k") + field(2, b"v"))
    yield Case(
        "metadata_bomb",
        lambda: raw + metadata * 1_000_000,
        "has more than 1000000 fields",
    )
    yield Case("text", lambda: b"not a model at all", "model")
    yield Case(
        "pickle", lambda: b"\x80\x04\x95\x0b\x00\x00\x00\x00\x00\x00\x00.", "model"
    )
    yield Case(
        "ir_2",
        changed(put("ir_version", 2)),
        "IR version 2 is older than 3",
    )
    for name, version in (
        ("opset_9999", 9999),
        ("opset_6", 6),
        ("opset_0", 0),
        ("opset_neg", -1),
    ):
        yield Case(name, changed(opset(version)), f"opset {version} is not among")
    yield Case(
        "opset_missing",
        changed(lambda m: m.ClearField("opset_import")),
        "does not say which opset",
    )
    yield Case(
        "opset_doubled", changed(lambda m: m.opset_import.append(m.opset_import[0])), ""
    )
    yield Case(
        "opset_two",
        changed(lambda m: m.opset_import.add(version=9)),
        "imports opsets [9, 13] at once",
    )
    yield Case("domain_evil", changed(lambda m: m.opset_import.add(domain="evil", version=1)),
               "imports operators of the domain 'evil'")  # fmt: skip
    yield Case(
        "domain_unused",
        changed(lambda m: m.opset_import.add(domain="ai.onnx.ml", version=1)),
        "",
    )
    yield Case("domain_of_node", changed(lambda m: setattr(m.graph.node[1], "domain", "evil")),
               "of the domain 'evil'")  # fmt: skip
    yield Case(
        "overload",
        changed(lambda m: setattr(m.graph.node[1], "overload", "mine")),
        "of the domain",
    )

    def function(m: ModelProto) -> None:
        m.functions.add(name="Relu", input=["a"], output=["b"]).node.append(
            node("Neg", "a", out="b")
        )

    yield Case(
        "local_function_named_Relu",
        changed(function),
        "defines the function 'Relu' of its own",
    )
    yield Case(
        "training_info",
        changed(lambda m: m.training_info.add()),
        "holds training information",
    )


def _subgraphs() -> Iterator[Case]:
    inner = helper.make_graph(
        [node("Neg", "x", out="z")],
        "inner",
        [],
        [helper.make_tensor_value_info("z", 1, [1, 1])],
    )
    inside = "is a sub-graph, which is not read"
    branches = node("If", "c", then_branch=inner, else_branch=inner)
    flag = tensor("c", np.array(True))
    yield Case("if", built(branches, constants=[flag]), inside)
    count = tensor("c", np.array(2**62, dtype=np.int64))
    yield Case(
        "loop_2p62",
        built(node("Loop", "c", "", "x", body=inner), constants=[count]),
        inside,
    )
    yield Case("scan", built(node("Scan", "x", body=inner, num_scan_inputs=1)), inside)
    relu = node("Relu", "x")
    relu.attribute.add(name="g", type=5).g.CopyFrom(inner)
    yield Case(
        "subgraph_of_relu", built(relu), "has the attribute 'g', unknown to Relu"
    )

    def nested() -> bytes:
        content = GraphProto().SerializeToString()
        for _ in range(5_000):
            attribute = field(1, b"g") + field(6, content) + b"\xa0\x01\x05"
            content = field(1, field(2, b"y") + field(4, b"If") + field(5, attribute))
        return bytes(b"\x08\x08" + field(7, content))

    yield Case("nested_5000", nested, "messages are nested over 24 deep")


def _kinds() -> Iterator[Case]:
    for name, kind, said in (
        ("string", 8, "string"), ("bfloat16", 16, "bfloat16"), ("int4", 22, "int4"),
        ("float8", 17, "float8e4m3fn"), ("complex64", 14, "complex64"),
        ("int8", 3, "int8"), ("uint8", 2, "uint8"), ("uint64", 13, "uint64"),
        ("type_0", 0, "of unknown type 0"), ("type_99", 99, "of unknown type 99"),
    ):  # fmt: skip
        yield Case(
            f"weights_{name}",
            weight(put("data_type", kind)),
            f"numbers are {said}, which is not read",
        )
    yield Case(
        "float64_data_size",
        weight(put("data_type", 11)),
        "no multiple of 8",
    )
    half = built(
        node("Cast", "w", out="v", to=1), node("MatMul", "x", "v"),
        constants=[tensor("w", np.array([[0.5]], dtype=np.float16))],
    )  # fmt: skip
    yield Case("float16_cast", half, "")
    for name, number in (("nan", np.nan), ("inf", np.inf), ("minus_inf", -np.inf)):
        many = np.ones((3, 2), dtype=np.float32)
        many[1, 0] = number
        made = built(node("MatMul", "x", "w"), constants=[tensor("w", many)])
        yield Case(
            f"weights_{name}",
            made,
            f"tensor 'w': has the weight {number} at index [1, 0]",
        )
    quiet = built(
        node("Relu", "x"),
        constants=[tensor("unused", np.array([1, np.nan], np.float32))],
    )
    yield Case("unused_nan", quiet, "tensor 'unused': has the weight nan at index [1]")
    yield Case(
        "attribute_inf",
        built(node("LeakyRelu", "x", alpha=float("inf"))),
        "attribute 'alpha' is not finite",
    )
    yield Case(
        "minus_zero", built(node("Mul", "x", "w"), constants=[weights(-0.0)]), ""
    )
    yield Case(
        "subnormal", built(node("Mul", "x", "w"), constants=[weights(1e-45)]), ""
    )
    two = weight(lambda w: w.float_data.append(3.0))
    yield Case("raw_and_float_data", two, "has data in both float_data and raw_data")

    def listed(w: TensorProto) -> None:
        w.ClearField("raw_data")
        w.double_data.append(3.0)

    yield Case("wrong_field", weight(listed), "of float32 has its data in double_data")
    yield Case(
        "raw_cut",
        weight(put("raw_data", b"\0\0\0")),
        "has 3 bytes, no multiple of 4",
    )
    yield Case(
        "raw_long",
        weight(put("raw_data", b"\0" * 8)),
        "has 2 numbers for the shape (1, 1)",
    )
    yield Case(
        "no_data",
        weight(lambda w: w.ClearField("raw_data")),
        "has 0 numbers for the shape (1, 1)",
    )
    yield Case(
        "segment",
        weight(lambda w: setattr(w.segment, "begin", 1)),
        "is a segment of a tensor",
    )
    for name, kind in (("int64", 7), ("int32", 6), ("bool", 9)):
        ports = [helper.make_tensor_value_info("x", kind, [1, 1])]
        yield Case(
            f"input_{name}",
            built(node("Relu", "x"), inputs=ports),
            f"is an input of {name}",
        )
    text = [helper.make_tensor_value_info("x", 8, [1, 1])]
    yield Case(
        "input_string", built(node("Relu", "x"), inputs=text), "numbers are string"
    )
    whole = built(
        node("Relu", "c", out="d"),
        node("Relu", "x"),
        constants=[tensor("c", np.array([1]))],
    )
    yield Case("relu_on_int", whole, "Relu of int64 numbers is not read")
    casted = node("Cast", "x", to=11)
    yield Case(
        "output_kind", built(casted), "is an output declared as float32, but is float64"
    )
    sequence = [helper.make_tensor_sequence_value_info("x", 1, [1, 1])]
    yield Case(
        "input_sequence",
        built(node("Relu", "x"), inputs=sequence),
        "is sequence, not a tensor",
    )
    option = helper.make_optional_type_proto(helper.make_tensor_type_proto(1, [1, 1]))
    maybe = [helper.make_value_info("x", option)]
    yield Case(
        "input_optional",
        built(node("Relu", "x"), inputs=maybe),
        "is optional, not a tensor",
    )
    mixed = built(node("Add", "x", "c"), constants=[tensor("c", np.array([1.0]))])
    yield Case("mixed_kinds", mixed, "mixes float32 and float64")


def _operators() -> Iterator[Case]:
    yield Case(
        "softmax",
        built(node("Softmax", "x")),
        "the operator 'Softmax' is not supported (supported: Abs, Add",
    )
    yield Case(
        "operator_escape",
        built(node("\x1b[2J", "x")),
        "the operator '\\x1b[2J' is not supported",
    )
    yield Case(
        "attribute_unknown",
        built(node("Relu", "x", evil=1)),
        "has the attribute 'evil', unknown to Relu of opset 13",
    )
    yield Case(
        "attribute_type",
        built(node("Flatten", "x", axis=1.5)),
        "has an attribute 'axis' of a type unknown to Flatten",
    )
    yield Case(
        "attribute_text",
        built(node("Flatten", "x", axis="one")),
        "has an attribute 'axis' of a type unknown to Flatten",
    )
    old = node("Clip", "x", min=0.0)
    yield Case("attribute_became_input", built(old), "unknown to Clip of opset 13")
    zero = tensor("z", np.float32(0))
    new = built(node("Clip", "x", "z"), constants=[zero], opset=10)
    yield Case("input_was_attribute", new, "has 2 inputs; Clip of opset 10 has 1 to 1")
    stale = node("Squeeze", "x", axes=[0])
    yield Case("squeeze_axes_attribute", built(stale), "unknown to Squeeze of opset 13")
    yield Case(
        "input_left_out", built(node("Unsqueeze", "x", "")), "Unsqueeze has no axes"
    )
    yield Case("inputs_left_out", built(node("Add", "", "")), "Add has no input 0")
    early = built(node("Sign", "x"), opset=8)
    yield Case("operator_too_new", early, "Sign is not in opset 8")
    yield Case(
        "attribute_missing", built(node("Cast", "x")), "lacks the attribute to of Cast"
    )
    yield Case("newer_mode", built(node("Reshape", "x", "s", allowzero=1), opset=13),
               "unknown to Reshape of opset 13")  # fmt: skip
    twice = node("Flatten", "x", axis=1)
    twice.attribute.append(helper.make_attribute("axis", 0))
    yield Case("attribute_twice", built(twice), "has the attribute 'axis' twice")
    two = node("Flatten", "x", axis=1)
    two.attribute[0].f = 2.0
    yield Case("attribute_of_two_types", built(two), "has values of two types")
    alias = node("Flatten", "x", axis=1)
    alias.attribute[0].ref_attr_name = "outer"
    yield Case("attribute_ref", built(alias), "refers to a function's")
    true = tensor("t", np.array(True))
    ratio = tensor("r", np.float32(0.5))
    dropped = built(node("Dropout", "x", "r", "t"), constants=[ratio, true])
    yield Case("dropout_training", dropped, "Dropout in training mode is random")
    computed = built(node("Mul", "x", "x"))
    yield Case(
        "square", computed, "Mul of two computed tensors is not piecewise linear"
    )
    exponent = tensor("n", np.float32(2))
    yield Case(
        "power",
        built(node("Pow", "x", "n"), constants=[exponent]),
        "is not piecewise linear",
    )
    huge = tensor("n", np.float32(1e30))
    yield Case("power_1e30", built(node("Pow", "n", "n", out="c"), node("Add", "x", "c"), constants=[huge]),
               "has exponents other than 0 to 8")  # fmt: skip
    yield Case(
        "divide_by_0",
        built(node("Div", "x", "z"), constants=[zero]),
        "Div divides by zero",
    )
    mask = helper.make_node("Dropout", ["x"], ["h", "mask"])
    used = node("Cast", "mask", out="m", to=1)
    yield Case(
        "mask",
        built(mask, used, node("Add", "h", "m")),
        "is an output of its node that is not computed",
    )
    pooled = helper.make_node("MaxPool", ["x"], ["y", "i"], kernel_shape=[1])
    ports = [helper.make_tensor_value_info("x", 1, [1, 1, 4])]
    yield Case("pool_indices", built(pooled, inputs=ports), "MaxPool has 2 outputs")
    strided = node("MaxPool", "x", kernel_shape=[1], strides=[0])
    yield Case("stride_0", built(strided, inputs=ports), "that is too small")
    escaped = node("MaxPool", "x", kernel_shape=[1], auto_pad="\x1b[2J")
    yield Case(
        "auto_pad_escape",
        built(escaped, inputs=ports),
        "has the unknown auto_pad '\\x1b[2J'",
    )
    mode = node("Pad", "x", "p", mode="\x1b[2J")
    amounts = tensor("p", np.array([0, 0, 0, 0]))
    yield Case(
        "mode_escape",
        built(mode, constants=[amounts]),
        "in mode '\\x1b[2J' is not read",
    )
    none = [tensor(n, np.array([v])) for n, v in (("s", 1), ("e", 1), ("a", 1))]
    emptied = built(
        node("Slice", "x", "s", "e", "a", out="h"),
        node("MaxPool", "h", kernel_shape=[2]),
        inputs=ports, constants=none,
    )  # fmt: skip
    yield Case("pool_of_no_channels", emptied, "is an output without elements")
    padded = node("MaxPool", "x", kernel_shape=[1], pads=[2**40, 2**40])
    yield Case("pads_2p40", built(padded, inputs=ports), "elements, more than")
    for name, pads in (
        ("pad_2p62", [2**62, 0, 0, 0]),
        ("pad_min", [-(2**63), 0, 0, 0]),
    ):
        amounts = tensor("p", np.array(pads))
        message = "elements, more than" if pads[0] > 0 else "has a negative dimension"
        yield Case(name, built(node("Pad", "x", "p"), constants=[amounts]), message)
    far = [
        tensor(n, np.array([v]))
        for n, v in (("s", -(2**63)), ("e", 2**63 - 1), ("a", 1))
    ]
    sliced = built(
        node("Slice", "x", "s", "e", "a", out="h"), node("Relu", "h"), constants=far
    )
    yield Case("slice_extremes", sliced, "")
    overflow = tensor("k", np.array([2**62]))
    doubled = built(
        node("Add", "k", "k", out="q"), node("Reshape", "x", "q"), constants=[overflow]
    )
    yield Case("whole_overflow", doubled, "gives a whole number of more than 64 bits")
    most = tensor("k", np.array([-(2**63)]))
    negated = built(
        node("Neg", "k", out="q"), node("Reshape", "x", "q"), constants=[most]
    )
    yield Case("whole_minimum", negated, "gives a whole number of more than 64 bits")
    chain = [
        node("Relu", "x" if i == 0 else f"h{i}", out=f"h{i + 1}") for i in range(3_000)
    ]
    yield Case("chain_3000", built(*chain, node("Relu", "h3000")), "")
    crowd = [node("Relu", "x", out=f"h{i}") for i in range(20_001)]
    yield Case(
        "nodes_20001", built(*crowd, node("Relu", "h0")), "more than 20000 nodes"
    )


def _packed() -> Iterator[Case]:
    raw = bytes(nano().SerializeToString())
    once = gzip.compress(raw)
    yield Case("gz", lambda: once, "")
    yield Case("gz_with_path", lambda: _gzip_named(raw, b"../../evil"), "")
    yield Case(
        "gz_multi_member", lambda: once + once, "has more behind its first member"
    )
    yield Case(
        "gz_trailing", lambda: once + b"garbage", "has more behind its first member"
    )
    yield Case("gz_cut", lambda: once[:-9], "the gzip file ends too early")
    yield Case(
        "gz_crc",
        lambda: once[:-8] + b"\0\0\0\0" + once[-4:],
        "the gzip file is damaged",
    )
    yield Case("gz_twice", lambda: gzip.compress(once), "model")
    yield Case("gz_bomb", _bomb, "unpacks to more than 512 MiB")


def _gzip_named(raw: bytes, name: bytes) -> bytes:
    packed = gzip.compress(raw)
    return packed[:3] + b"\x08" + packed[4:10] + name + b"\0" + packed[10:]


def _bomb() -> bytes:
    """Zeros of 600 MiB in 600 KiB."""
    machine = zlib.compressobj(9, zlib.DEFLATED, 31)
    block = bytes(2**20)
    return b"".join([*(machine.compress(block) for _ in range(600)), machine.flush()])


def corpus() -> Iterator[Case]:
    yield from _external()
    yield from _shapes()
    yield from _names()
    yield from _structure()
    yield from _subgraphs()
    yield from _kinds()
    yield from _operators()
    yield from _packed()


def lay_out(folder: Path) -> None:
    """What the files with external data point to."""
    (folder / "models").mkdir()
    secret = folder / "secret.bin"
    secret.write_bytes(SECRET)
    (folder / "models" / "link.bin").symlink_to(secret)
    (folder / "models" / "linked").symlink_to(folder)
    os.link(secret, folder / "models" / "hard.bin")
    os.mkfifo(folder / "models" / "fifo")


def main(folder: Path) -> None:
    """Read every file under the memory limit; a JSON line each on standard output."""
    from verify.networks.errors import ModelError
    from verify.networks.reading.onnx_reader import read_network

    read_network(bytes(nano().SerializeToString()))
    status = Path("/proc/self/statm").read_text() if sys.platform == "linux" else "0"
    room = int(status.split()[0]) * resource.getpagesize() + MEGABYTES * 2**20
    cases = list(corpus())
    for case in cases:
        path = folder / "models" / "model.onnx"
        path.write_bytes(case.make())
        resource.setrlimit(resource.RLIMIT_AS, (room, resource.RLIM_INFINITY))
        begun = time.process_time()
        try:
            read_network(path)
            answer = ""
        except ModelError as error:
            answer = str(error)
        seconds = time.process_time() - begun
        resource.setrlimit(
            resource.RLIMIT_AS, (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
        )
        line = {"name": case.name, "answer": answer, "seconds": seconds}
        sys.stdout.write(json.dumps(line) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
