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

from skipgram.kernels.emit import INT32, Emitter
from skipgram.kernels.parts import inlined

LOG2_E = 1.0 / math.log(2.0)
SMALLEST_EXPONENT = -126.0
"""exp(-|x|) below 2^-126 is replaced by 2^-126: it is lost in 1 + exp(-|x|) long before."""

ROUNDING = 1.5 * 2.0**23
"""Adding and subtracting this number gives the nearest integer, without an instruction for it."""

# Interpolation in Chebyshev points; the degree is the lowest whose error is under 2^-22, four times
# the rounding of float32.
EXP2 = Chebyshev.interpolate(np.exp2, 5, domain=[-0.5, 0.5]).convert(kind=Polynomial).coef
ROUGH_EXP2 = Chebyshev.interpolate(np.exp2, 4, domain=[-0.5, 0.5]).convert(kind=Polynomial).coef
"""With a relative error of 3.5e-6: less than 1e-6 of a sigmoid."""

LARGEST_ROUGH = 64.0
"""Scores are cut off where their sigmoid is within 2^-64 of 0 or 1."""

MANTISSA_BITS = 23

_LOG1P = Chebyshev.interpolate(lambda x: np.log1p(x) / x, 7, domain=[0.0, 1.0])
LOG1P = _LOG1P.convert(kind=Polynomial).coef
"""Of log(1 + x) / x, so that the loss of an almost certain pair keeps its digits."""


def emit_polynomial(emit: Emitter, coefficients: Any, x: Any) -> Any:
    """Horner's rule."""
    value = emit.constant(coefficients[-1])
    for coefficient in reversed(coefficients[:-1]):
        value = emit.fma(value, x, emit.constant(coefficient))
    return value


def _emit_exp2(emit: Emitter, exponent: Any, coefficients: Any) -> Any:
    """Return 2^exponent for exponents from -126 to 126."""
    integers = ir.VectorType(INT32, emit.lanes)
    # The sum holds the nearest integer in its lowest bits, which become the bits of an exponent.
    shifted = emit.builder.fadd(exponent, emit.constant(ROUNDING))
    part = emit.builder.fsub(exponent, emit.builder.fsub(shifted, emit.constant(ROUNDING)))
    power = emit_polynomial(emit, coefficients, part)
    shift = ir.Constant(integers, [MANTISSA_BITS] * emit.lanes)
    whole = emit.builder.shl(emit.builder.bitcast(shifted, integers), shift)
    scaled = emit.builder.add(emit.builder.bitcast(power, integers), whole)
    return emit.builder.bitcast(scaled, emit.vector)


def _emit_small(emit: Emitter, x: Any) -> tuple[Any, Any]:
    """Return exp(-|x|), which is a number even where x is not, and |x|."""
    magnitude = emit.call(f"llvm.fabs.v{emit.lanes}f32", x)
    exponent = emit.builder.fmul(magnitude, emit.constant(-LOG2_E))
    exponent = emit.at_least(exponent, SMALLEST_EXPONENT)
    return _emit_exp2(emit, exponent, EXP2), magnitude


def emit_step(emit: Emitter, x: Any, seen: Any, drawn: Any) -> Any:
    """Return the steps of a vector of scores, with all digits of small ones."""
    builder = emit.builder
    small, _ = _emit_small(emit, x)
    larger = emit.inverse(builder.fadd(emit.constant(1), small))
    smaller = builder.fmul(small, larger)
    below_zero = builder.fcmp_ordered("<", x, emit.constant(0))
    sigmoid = builder.select(below_zero, smaller, larger)
    opposite = builder.select(below_zero, larger, smaller)
    return emit.fma(seen, opposite, builder.fneg(builder.fmul(drawn, sigmoid)))


def emit_rough_step(emit: Emitter, x: Any, seen: Any, weight: Any) -> Any:
    """Return seen - weight * sigmoid(x), with an absolute error of 1e-6 * weight.

    `weight` is seen + drawn. This takes half of the instructions of `emit_step`.
    """
    exponent = emit.builder.fmul(x, emit.constant(-LOG2_E))
    exponent = emit.at_most(emit.at_least(exponent, -LARGEST_ROUGH), LARGEST_ROUGH)
    opposite = emit.builder.fadd(emit.constant(1), _emit_exp2(emit, exponent, ROUGH_EXP2))
    return emit.fma(emit.builder.fneg(weight), emit.inverse(opposite), seen)


def emit_loss(emit: Emitter, x: Any, seen: Any, drawn: Any) -> Any:
    """Return the losses of a vector of scores; NaN where the score is."""
    builder = emit.builder
    small, magnitude = _emit_small(emit, x)
    # max(x, 0) as (x + |x|) / 2, which stays NaN: a score that is not a number must be noticed.
    positive_part = builder.fmul(emit.constant(0.5), builder.fadd(x, magnitude))
    wrong = emit.fma(drawn, positive_part, builder.fmul(seen, builder.fsub(positive_part, x)))
    certain = builder.fmul(small, emit_polynomial(emit, LOG1P, small))
    return emit.fma(builder.fadd(seen, drawn), certain, wrong)


@inlined
def step_of(x, seen, drawn):
    """Return the step of one float32 score, with the library's functions."""
    one = np.float32(1.0)
    small = math.exp(-abs(x))
    larger = one / (one + small)
    smaller = small * larger
    sigmoid, opposite = (smaller, larger) if x < np.float32(0.0) else (larger, smaller)
    return seen * opposite - drawn * sigmoid


@inlined
def loss_of(x, seen, drawn):
    """Return the loss of one float32 score, with the library's functions."""
    zero, certain = np.float32(0.0), math.log1p(math.exp(-abs(x)))
    return (seen + drawn) * certain + seen * max(-x, zero) + drawn * max(x, zero)
