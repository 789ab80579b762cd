"""The logistic function and its loss for a whole vector of scores, and the same for one number.

    sigmoid(x) = 1 / (1 + exp(-x))

A score x that was seen p times and drawn n times (p and n may be fractions) has

    loss = -p log sigmoid(x) - n log sigmoid(-x)
         = (p + n) log(1 + exp(-|x|)) + p max(-x, 0) + n max(x, 0)
    step = -dloss/dx = p sigmoid(-x) - n sigmoid(x)

The step is not computed as p - (p + n) sigmoid(x), which is the same: where a pair is almost
certain, that difference has no digits left, and AdaGrad and Adam divide a step by its own size.

`exp` and `log` would become a library call for each lane, so both are polynomials here. No score is
cut off; word2vec.c and gensim stop learning from pairs beyond |x| = 6.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from llvmlite import ir
from numpy.polynomial import Chebyshev, Polynomial

from skipgram.kernels.cache import inlined
from skipgram.kernels.emit import INT32, Emitter

LOG2_E = 1.0 / math.log(2.0)
SMALLEST_EXPONENT = -126.0
"""exp(-|x|) below 2^-126 is replaced by 2^-126: it is lost in 1 + exp(-|x|) long before."""

ROUNDING = 1.5 * 2.0**23
"""Adding and subtracting this number gives the nearest integer, without an instruction for it."""

# Interpolation in Chebyshev points; the degree is the lowest whose error is under 2^-22, four times
# the rounding of float32.
EXP2 = Chebyshev.interpolate(np.exp2, 5, domain=[-0.5, 0.5]).convert(kind=Polynomial).coef
_LOG1P = Chebyshev.interpolate(lambda x: np.log1p(x) / x, 7, domain=[0.0, 1.0])
LOG1P = _LOG1P.convert(kind=Polynomial).coef
"""Of log(1 + x) / x, so that the loss of an almost certain pair keeps its digits."""


def emit_polynomial(emit: Emitter, coefficients: Any, x: Any) -> Any:
    """Horner's rule."""
    value = emit.constant(coefficients[-1])
    for coefficient in reversed(coefficients[:-1]):
        value = emit.fma(value, x, emit.constant(coefficient))
    return value


def emit_step_and_loss(emit: Emitter, x: Any, seen: Any, drawn: Any) -> tuple[Any, Any]:
    """Return (step, loss) for a vector of scores; the loss is NaN where the score is."""
    builder, lanes = emit.builder, emit.lanes
    integers = ir.VectorType(INT32, lanes)
    magnitude = emit.call(f"llvm.fabs.v{lanes}f32", x)
    # exp(-|x|) = 2^whole * 2^part; maxnum turns NaN into a number, which makes the conversion to
    # integers defined.
    exponent = builder.fmul(magnitude, emit.constant(-LOG2_E))
    exponent = emit.call(f"llvm.maxnum.v{lanes}f32", exponent, emit.constant(SMALLEST_EXPONENT))
    whole = builder.fsub(builder.fadd(exponent, emit.constant(ROUNDING)), emit.constant(ROUNDING))
    power = emit_polynomial(emit, EXP2, builder.fsub(exponent, whole))
    bits = builder.shl(builder.fptosi(whole, integers), ir.Constant(integers, [23] * lanes))
    small = builder.bitcast(builder.add(builder.bitcast(power, integers), bits), emit.vector)

    larger = emit.inverse(builder.fadd(emit.constant(1), small))
    smaller = builder.fmul(small, larger)
    below_zero = builder.fcmp_ordered("<", x, emit.constant(0))
    sigmoid = builder.select(below_zero, smaller, larger)
    opposite = builder.select(below_zero, larger, smaller)
    step = emit.fma(seen, opposite, builder.fneg(builder.fmul(drawn, sigmoid)))
    # max(x, 0) as (x + |x|) / 2, which stays NaN: a step that is not a number must be noticed.
    positive_part = builder.fmul(emit.constant(0.5), builder.fadd(x, magnitude))
    wrong = emit.fma(drawn, positive_part, builder.fmul(seen, builder.fsub(positive_part, x)))
    certain = builder.fmul(small, emit_polynomial(emit, LOG1P, small))
    return step, emit.fma(builder.fadd(seen, drawn), certain, wrong)


@inlined
def step_and_loss(x, seen, drawn):
    """Return (step, loss) for one float32 score, with the library's functions."""
    zero, one = np.float32(0.0), np.float32(1.0)
    small = math.exp(-abs(x))
    larger = one / (one + small)
    smaller = small * larger
    sigmoid, opposite = (smaller, larger) if x < zero else (larger, smaller)
    loss = (seen + drawn) * math.log1p(small) + seen * max(-x, zero) + drawn * max(x, zero)
    return seen * opposite - drawn * sigmoid, loss
