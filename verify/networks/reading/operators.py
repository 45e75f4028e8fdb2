"""The operators that are read: a row each, its lowering, its attributes, its inputs.

To add an operator, write its lowering and add a row. An attribute that the row does not
list is refused, so that nothing of a newer opset is overlooked.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from verify.networks.reading import lowering_affine as affine
from verify.networks.reading import lowering_constants as constants
from verify.networks.reading import lowering_moves as moves
from verify.networks.reading import lowering_parts as parts
from verify.networks.reading import lowering_products as products
from verify.networks.reading import lowering_sums as sums
from verify.networks.reading import lowering_units as units
from verify.networks.reading import lowering_windows as windows
from verify.networks.reading.operations import Lowering


class Operator(NamedTuple):
    """What a node may look like: `least` to `most` inputs, up to `outputs` outputs."""

    lowering: Lowering
    least: int
    most: int
    attributes: tuple[str, ...] = ()
    outputs: int = 1


MANY: Final = 10_000
WINDOWS: Final = ("auto_pad", "dilations", "kernel_shape", "pads", "strides")
REDUCED: Final = ("axes", "keepdims", "noop_with_empty_axes")
VALUES: Final = ("value", "value_float", "value_floats", "value_int", "value_ints")

OPERATORS: Final[dict[str, Operator]] = {
    "Abs": Operator(units.lower_abs, 1, 1),
    "Add": Operator(affine.lower_add, 2, 2),
    "AveragePool": Operator(windows.lower_average_pool, 1, 1,
                            (*WINDOWS, "ceil_mode", "count_include_pad")),
    "BatchNormalization": Operator(sums.lower_batch_normalisation, 5, 5,
                                   ("epsilon", "momentum", "training_mode", "spatial")),
    "Cast": Operator(moves.lower_cast, 1, 1, ("to", "saturate")),
    "Clip": Operator(units.lower_clip, 1, 3, ("min", "max")),
    "Concat": Operator(parts.lower_concat, 1, MANY, ("axis",)),
    "Constant": Operator(constants.lower_constant, 0, 0, VALUES),
    "ConstantOfShape": Operator(constants.lower_constant_of_shape, 1, 1, ("value",)),
    "Conv": Operator(windows.lower_convolution, 2, 3, (*WINDOWS, "group")),
    "Div": Operator(affine.lower_divide, 2, 2),
    "Dropout": Operator(moves.lower_dropout, 1, 3, ("ratio", "seed"), 2),
    "Flatten": Operator(moves.lower_flatten, 1, 1, ("axis",)),
    "Gather": Operator(parts.lower_gather, 2, 2, ("axis",)),
    "Gemm": Operator(products.lower_gemm, 2, 3, ("alpha", "beta", "transA", "transB")),
    "Identity": Operator(moves.lower_identity, 1, 1),
    "LeakyRelu": Operator(units.lower_leaky, 1, 1, ("alpha",)),
    "MatMul": Operator(products.lower_matmul, 2, 2),
    "Max": Operator(units.lower_max, 1, MANY),
    "MaxPool": Operator(windows.lower_max_pool, 1, 1,
                        (*WINDOWS, "ceil_mode", "storage_order")),
    "Min": Operator(units.lower_min, 1, MANY),
    "Mul": Operator(affine.lower_multiply, 2, 2),
    "Neg": Operator(affine.lower_negate, 1, 1),
    "Pad": Operator(parts.lower_pad, 1, 4, ("mode", "pads", "value")),
    "Pow": Operator(affine.lower_power, 2, 2),
    "ReduceMean": Operator(sums.lower_reduce_mean, 1, 2, REDUCED),
    "ReduceSum": Operator(sums.lower_reduce_sum, 1, 2, REDUCED),
    "Relu": Operator(units.lower_relu, 1, 1),
    "Reshape": Operator(moves.lower_reshape, 2, 2, ("allowzero",)),
    "Shape": Operator(constants.lower_shape, 1, 1, ("start", "end")),
    "Sigmoid": Operator(units.lower_sigmoid, 1, 1),
    "Sign": Operator(units.lower_sign, 1, 1),
    "Slice": Operator(parts.lower_slice, 1, 5, ("starts", "ends", "axes")),
    "Split": Operator(parts.lower_split, 1, 2, ("axis", "split", "num_outputs"), MANY),
    "Squeeze": Operator(moves.lower_squeeze, 1, 2, ("axes",)),
    "Sub": Operator(affine.lower_subtract, 2, 2),
    "Tanh": Operator(units.lower_tanh, 1, 1),
    "Transpose": Operator(moves.lower_transpose, 1, 1, ("perm",)),
    "Unsqueeze": Operator(moves.lower_unsqueeze, 1, 2, ("axes",)),
}  # fmt: skip
